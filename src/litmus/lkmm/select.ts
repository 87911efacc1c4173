/** Something to choose for a thread, with the values it must get from other threads and those it gives them. */
export interface Candidate<T> {
  readonly item: T
  readonly needs: readonly number[]
  readonly gives: readonly number[]
}

export interface Selection<T> {
  /** Called with a choice for a thread and the number of combinations left below; false cuts it off. */
  readonly enter: (thread: number, item: T, left: number) => boolean
  /** Called after each `enter`, whatever it said. */
  readonly leave: (thread: number) => void
  /** Called when every thread has its choice, with the part of all combinations that this one is. */
  readonly visit: (part: number) => void
  /** Told of the parts that are cut off. */
  readonly pass: (part: number) => void
  /** Told of the work on the way; may throw to end it. */
  readonly spend: (work: number) => void
}

type Open<T> = readonly (readonly Candidate<T>[])[]

/** Candidates looked at for the work of judging one event. */
const LOOKS_PER_WORK = 4
/** Fewer combinations than this are tried without looking ahead. */
const FEW = 32

/** Goes through every choice of one candidate per thread in which each value needed is given by someone. */
export function select<T>(candidates: Open<T>, { enter, leave, visit, pass, spend }: Selection<T>): void {
  const chosen = candidates.map(() => false)
  const choose = (open: (readonly Candidate<T>[])[], left: number, part: number): void => {
    let next = -1
    for (let thread = 0; thread < open.length; thread++) {
      if (!chosen[thread] && (next < 0 || open[thread]!.length < open[next]!.length)) next = thread
    }
    if (next < 0) {
      visit(part)
      return
    }
    const list = open[next]!
    const below = left / list.length
    const share = part / list.length
    const alone: Candidate<T>[] = []
    chosen[next] = true
    open[next] = alone
    for (const one of list) {
      alone[0] = one
      if (below === 1 && !isSupplied(open)) {
        pass(share)
        continue
      }
      if (!enter(next, one.item, below)) pass(share)
      else if (below <= FEW) choose(open, below, share)
      else {
        const narrowed = narrow(open, spend)
        const count = combinations(narrowed)
        if (count > 0) choose(narrowed === open ? open : [...narrowed], count, share)
        else pass(share)
      }
      leave(next)
    }
    open[next] = list
    chosen[next] = false
  }
  const open = narrow(candidates, spend)
  const count = combinations(open)
  if (count > 0) choose([...open], count, 1)
}

const combinations = <T>(open: Open<T>): number => open.reduce((product, { length }) => product * length, 1)

/** Whether each value needed is given by another thread; lists of one candidate each. */
function isSupplied<T>(open: Open<T>): boolean {
  for (let thread = 0; thread < open.length; thread++) {
    for (const key of open[thread]![0]!.needs) {
      let given = false
      for (let t = 0; t < open.length && !given; t++) given = t !== thread && open[t]![0]!.gives.includes(key)
      if (!given) return false
    }
  }
  return true
}

/** Drops candidates that need what no candidate of another thread gives, until none is left to drop. */
function narrow<T>(open: Open<T>, spend: (work: number) => void): Open<T> {
  let lists = open
  for (;;) {
    spend(lists.reduce((sum, list) => sum + list.length, 0) / LOOKS_PER_WORK)
    /** The thread that gives a value, or -2 if several do. */
    const giver = new Map<number, number>()
    for (const [thread, list] of lists.entries()) {
      for (const { gives } of list) {
        for (const key of gives) {
          const known = giver.get(key)
          if (known === undefined) giver.set(key, thread)
          else if (known !== thread) giver.set(key, -2)
        }
      }
    }
    let dropped = false
    const kept = lists.map((list, thread) => {
      const isGiven = (key: number): boolean => {
        const known = giver.get(key)
        return known !== undefined && known !== thread
      }
      if (list.every(({ needs }) => needs.every(isGiven))) return list
      dropped = true
      return list.filter(({ needs }) => needs.every(isGiven))
    })
    if (!dropped) return lists
    lists = kept
  }
}
