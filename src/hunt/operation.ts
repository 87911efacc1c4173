import type { Steps } from '../engine/model/step.js'
import type { Kind } from './state.js'
import type { Thing, Things } from './things.js'

/** Something that a lane may do, in any state that has what it needs. */
export interface Operation<N extends Thing = Thing> {
  /** Also the name of its lane. */
  readonly name: string
  readonly needs: readonly N[]
  /** Kinds of memory on which it does more than fail. Default: all. */
  readonly on?: readonly Kind[]
  /** Whose thread it is of. Default: nobody's - the kernel's, or a device's. */
  readonly by?: 'mm' | 'child'
  /** Another operation without which it makes no sense. */
  readonly with?: string
  /** There is one thread that does this. */
  readonly single?: true
  /** It reads or writes the memory as a program does: through the TLB. */
  readonly user?: true
  readonly run: (things: Pick<Things, N>) => Steps<unknown>
}

/** Declares an operation. */
export const operation = <const N extends Thing>(spec: Operation<N>): Operation =>
  // It is only ever given a state's things when the state has all that it needs.
  spec as unknown as Operation
