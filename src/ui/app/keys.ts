import { type CopyFormat, copyText } from '../view/copy-as.js'
import type { Actions } from './actions.js'
import { copy } from './clipboard.js'
import { moveInLane, moveStep, moveToChange, moveToSwitch } from './moves.js'
import type { Store } from './store.js'
import { otherVariant } from './other-variant.js'
import { toggleTheme } from './theme.js'

interface Key {
  readonly keys: readonly string[]
  readonly does: string
  readonly run: (store: Store, actions: Actions) => unknown
}

const end = (store: Store): number => store.view.value?.trace.steps.length ?? 0

/** The keyboard, as the help shows it. */
export const KEYS: readonly Key[] = [
  { keys: ['j', 'ArrowDown'], does: 'next step', run: (store) => moveStep(store, 1) },
  { keys: ['k', 'ArrowUp'], does: 'previous step', run: (store) => moveStep(store, -1) },
  { keys: ['l', 'ArrowRight'], does: 'next step of the same lane', run: (store) => moveInLane(store, 1) },
  { keys: ['h', 'ArrowLeft'], does: 'previous step of the same lane', run: (store) => moveInLane(store, -1) },
  { keys: ['J'], does: 'next switch of lanes', run: (store) => moveToSwitch(store, 1) },
  { keys: ['K'], does: 'previous switch of lanes', run: (store) => moveToSwitch(store, -1) },
  { keys: ['n'], does: 'next change of the pinned field', run: (store) => moveToChange(store, 1) },
  { keys: ['p'], does: 'previous change of the pinned field', run: (store) => moveToChange(store, -1) },
  { keys: ['g', 'Home'], does: 'the start', run: (store) => store.goTo(0) },
  { keys: ['G', 'End'], does: 'the end', run: (store) => store.goTo(end(store)) },
  { keys: ['f'], does: 'fold or show local steps', run: (store) => (store.folded.value = !store.folded.value) },
  { keys: ['s'], does: 'try: this step after the next of another lane', run: (_, actions) => actions.trySwap() },
  { keys: [','], does: 'move this step up in the table', run: (_, actions) => actions.moveBy(-1) },
  { keys: ['.'], does: 'move this step down in the table', run: (_, actions) => actions.moveBy(1) },
  { keys: ['m'], does: 'minimise: fewest preemptions for this violation', run: (_, actions) => actions.minimise() },
  { keys: ['['], does: 'previous violation', run: (_, actions) => actions.violation(-1) },
  { keys: [']'], does: 'next violation', run: (_, actions) => actions.violation(1) },
  { keys: ['w'], does: 'what can still go wrong from here', run: (_, actions) => actions.lookAhead() },
  { keys: ['a'], does: 'ask: show me a run where …', run: (store) => askWhere(store) },
  { keys: ['/'], does: 'filter the steps', run: () => document.querySelector<HTMLElement>('#filter')?.focus() },
  { keys: ['d'], does: 'state: only what the step changed, or all', run: (store) => (store.stateTab.value = store.stateTab.value === 'changes' ? 'picture' : 'changes') },
  { keys: ['e'], does: 'run on to the end', run: (_, actions) => actions.toEnd() },
  { keys: ['v'], does: 'compare with the other variant', run: (store, actions) => actions.compare(otherVariant(store)) },
  { keys: ['u'], does: 'undo', run: (store) => store.undo() },
  { keys: ['r'], does: 'redo', run: (store) => store.redo() },
  { keys: ['c'], does: 'copy the table', run: (store) => copyAs(store, 'commit') },
  { keys: ['y'], does: 'copy a link', run: async (store, actions) => copy(store, new URL(await actions.keepInUrl(), location.href).href, 'link') },
  { keys: ['t'], does: 'dark or light', run: () => toggleTheme() },
  { keys: ['?'], does: 'this help', run: (store) => (store.help.value = !store.help.value) },
]

/** To the field for a condition, once it is there. */
function askWhere(store: Store): void {
  store.tab.value = 'runs'
  requestAnimationFrame(() => document.querySelector<HTMLElement>('#where')?.focus())
}

/** Copies the run in a shape for pasting. */
export function copyAs(store: Store, format: CopyFormat): Promise<void> {
  const view = store.view.value
  return view ? copy(store, copyText(view, format), format) : Promise.resolve()
}

/** Where keys have a meaning of their own. */
const TYPES = /^(INPUT|SELECT|TEXTAREA)$/
/** Keys with which a focused control is used. */
const CONTROL_KEYS = new Set(['Enter', ' ', 'Tab'])

/** Handles a key press on the page. Digits take the n-th step that can run. */
export function onKey(event: KeyboardEvent, store: Store, actions: Actions): void {
  const target = event.target as HTMLElement
  if (event.ctrlKey || event.metaKey || event.altKey || TYPES.test(target.tagName) || CONTROL_KEYS.has(event.key)) return
  if (event.key === 'Escape') {
    store.help.value = false
    store.message.value = undefined
    return
  }
  const choice = /^[1-9]$/.test(event.key) ? runnableNow(store)[Number(event.key) - 1] : undefined
  const key = KEYS.find(({ keys }) => keys.includes(event.key))
  if (!choice && !key) return
  event.preventDefault()
  if (!store.view.value && event.key !== '?' && event.key !== 't') return
  void (choice ? actions.branch(choice.lane, choice.alternative) : key!.run(store, actions))
}

/** What can run in the state shown, in the order in which the panel numbers it. */
export function runnableNow(store: Store): { lane: number; alternative: number }[] {
  const point = store.view.value?.points[store.at.value] ?? []
  return point.flatMap(({ alternatives }, lane) =>
    alternatives.flatMap(({ blocked }, alternative) => (blocked === undefined ? [{ lane, alternative }] : [])))
}
