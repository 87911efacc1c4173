import { UserError } from '../../engine/errors.js'
import { Loaded } from '../../engine/learn/loaded.js'
import type { Progress } from '../../engine/search/result.js'
import { boot } from '../../race/boot.js'
import { checkRace } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { parseTrace } from '../../trace/trace-file.js'
import { viewOfSchedule, viewWithOrders } from '../view/view-of.js'
import { Follower } from './follow.js'
import type { OpenReply, OpenRequest, Request, RunReply, RunRequest, Sample, SearchRequest, Subject } from './requests.js'
import { passingRuns } from './samples.js'

/** Programs kept ready: branching asks for the same ones again and again. */
const MAX_KEPT = 6

/** Answers the page's requests: the checker as the page has it, without anything of a browser. */
export class Checker {
  private readonly kept = new Map<string, Loaded>()

  constructor(private readonly races: ReadonlyMap<string, Race>) {}

  /** Yields progress where there is any; returns the reply. */
  *answer(request: Request, signal: AbortSignal): Generator<Progress, unknown> {
    switch (request.kind) {
      case 'search':
        return yield* this.search(request, signal)
      case 'run':
        return this.run(request)
      case 'open':
        return this.open(request)
      case 'samples':
        return this.samples(request)
    }
  }

  private *search({ race, conditions, strategy, seconds }: SearchRequest, signal: AbortSignal) {
    const options = { signal, ...(strategy && { strategy }), ...(seconds !== undefined && { seconds }) }
    return yield* viewWithOrders(yield* checkRace(this.race(race), conditions, options))
  }

  private run({ race, conditions, schedule, rest = [], alone, toEnd = false }: RunRequest): RunReply {
    const loaded = this.loaded({ race, conditions })
    return loaded.guarded(() => {
      const walk = new Follower(loaded)
      const misfit = walk.strictly(schedule)
      if (!misfit) walk.loosely(rest)
      if (!misfit && alone !== undefined) walk.alone(alone)
      if (!misfit && toEnd) walk.toEnd()
      return { view: viewOfSchedule(this.race(race), conditions, loaded, walk.schedule), misfit }
    })
  }

  private open({ text, name }: OpenRequest): OpenReply {
    const { race, arch, revert, apply, model, schedule } = parseTrace(text, name)
    return { ...this.run({ kind: 'run', race, conditions: { arch, revert, apply }, schedule }), recordedWith: model }
  }

  private samples(subject: Subject): Sample[] {
    const race = this.race(subject.race)
    const loaded = this.loaded(subject)
    const found = passingRuns(race, loaded)
    return race.sometimes.map((name) => {
      const schedule = found.get(name)
      return { reaches: name, view: schedule && viewOfSchedule(race, subject.conditions, loaded, schedule) }
    })
  }

  private race(name: string): Race {
    const race = this.races.get(name)
    if (!race) {
      throw new UserError('unknown-race', `the race "${name}" is not in this page`, 'pages hold the races that come with mmrace; for others use the command')
    }
    return race
  }

  private loaded({ race, conditions }: Subject): Loaded {
    const key = JSON.stringify([race, conditions.arch, conditions.revert, conditions.apply])
    const known = this.kept.get(key)
    if (known) return known
    const loaded = new Loaded(boot(this.race(race), conditions))
    if (this.kept.size >= MAX_KEPT) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(key, loaded)
    return loaded
  }
}
