import { wasmBase64 } from '../core/wasm.generated.js'
import { hash64 } from '../learn/keys.js'
import type { Loaded } from '../learn/loaded.js'

const nameOf = (parts: readonly unknown[]): string => hash64(parts.map((part) => hash64(String(part))).join()).toString(16)

/** Names this engine: another core, or another way to write checkpoints, has another name. */
export const engineName = (): string => `1-${nameOf([wasmBase64])}`

/** Names a program by its cells and threads. */
export const programName = ({ program: { memory, threads } }: Loaded): string =>
  nameOf([...memory.names, '', ...memory.initial, '', ...threads.map(({ name }) => name)])

/** Names all that has been learned of a program: who learned the same in the same order has the same name for it. */
export const learnedName = ({ automaton, leaves }: Loaded): string => nameOf([
  ...automaton.states.map(({ key }) => key),
  ...leaves.map((leaf) => leaf && JSON.stringify([[...leaf.reads], [...leaf.writes], leaf.next, leaf.blocked, leaf.violation, leaf.reached])),
])
