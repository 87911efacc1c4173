import { UserError } from '../../engine/errors.js'
import { Loaded } from '../../engine/learn/loaded.js'
import type { Program } from '../../engine/program.js'
import { bestFirst, FEWEST_PREEMPTIONS } from '../../engine/search/best-first.js'
import type { Found, Progress, Schedule } from '../../engine/search/result.js'
import { boot } from '../../race/boot.js'
import { checkRace } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { runWhere } from '../../race/run-where.js'
import { conditionsOfTrace, parseTrace } from '../../trace/trace-file.js'
import { viewOfSchedule, viewWithOrders } from '../view/view-of.js'
import { ahead } from './ahead.js'
import { Follower } from './follow.js'
import type {
  AheadRequest, FoundReply, MinimiseRequest, OpenReply, OpenRequest, Request, RunReply, RunRequest, Sample, SearchRequest, Subject, WhereRequest,
} from './requests.js'
import { passingRuns } from './samples.js'

/** Programs kept ready: branching asks for the same ones again and again. */
const MAX_KEPT = 6
/** How long a reader waits for one run. */
const SECONDS = 30

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
      case 'minimise':
        return yield* this.minimise(request, signal)
      case 'where':
        return yield* this.where(request, signal)
      case 'ahead':
        return yield* ahead(() => new Loaded(this.program(request)), this.taken(request), signal)
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
    const saved = parseTrace(text, name)
    return { ...this.run({ kind: 'run', race: saved.race, conditions: conditionsOfTrace(saved), schedule: saved.schedule }), recordedWith: saved.model }
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

  private *minimise({ oracle, ...subject }: MinimiseRequest, signal: AbortSignal): Generator<Progress, FoundReply> {
    const result = yield* bestFirst(new Loaded(this.program(subject)), FEWEST_PREEMPTIONS, { oracle, signal, seconds: SECONDS })
    return this.reply(subject, result.verdict === 'violated' ? result.found[0] : undefined, result.verdict === 'holds')
  }

  private *where({ condition, ...subject }: WhereRequest, signal: AbortSignal): Generator<Progress, FoundReply> {
    const where = yield* runWhere(this.race(subject.race), subject.conditions, condition, { seconds: SECONDS, signal })
    return this.reply(subject, where.found, 'certain' in where && where.certain)
  }

  private reply(subject: Subject, found: Found | undefined, certain: boolean): FoundReply {
    return { view: found && viewOfSchedule(this.race(subject.race), subject.conditions, this.loaded(subject), found.schedule), certain }
  }

  /** The choices that a schedule of names stands for. */
  private taken({ schedule, ...subject }: AheadRequest): Schedule {
    const loaded = this.loaded(subject)
    return loaded.guarded(() => {
      const walk = new Follower(loaded)
      walk.strictly(schedule)
      return walk.schedule
    })
  }

  private program({ race, conditions }: Subject): Program {
    return boot(this.race(race), conditions)
  }

  private race(name: string): Race {
    const race = this.races.get(name)
    if (!race) {
      throw new UserError('unknown-race', `the race "${name}" is not in this page`, 'pages hold the races that come with mmrace; for others use the command')
    }
    return race
  }

  private loaded({ race, conditions }: Subject): Loaded {
    const key = JSON.stringify([race, conditions.arch, conditions.kernel, conditions.revert, conditions.apply, conditions.with, conditions.sizes])
    const known = this.kept.get(key)
    if (known) return known
    const loaded = new Loaded(this.program({ race, conditions }))
    if (this.kept.size >= MAX_KEPT) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(key, loaded)
    return loaded
  }
}
