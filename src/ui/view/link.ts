import { DEFAULT_KERNEL, isKernelName } from '../../machine/kernels.js'
import type { Conditions } from '../../race/boot.js'
import type { Sizes } from '../../race/growing.js'
import type { Values } from '../../race/race.js'
import type { NamedStep } from '../worker/requests.js'
import { deflated, inflated } from './deflate.js'
import { namedSteps } from './named.js'
import type { View } from './view.js'

/** What a link says: which run of which race, and where in it. */
export interface Link {
  readonly race: string
  readonly conditions: Required<Conditions>
  readonly model: string
  readonly at: number
  readonly schedule: readonly NamedStep[]
}

const list = (ids: readonly string[]): string => ids.join(',')
const unlist = (text: string | null): string[] => (text ? text.split(',') : [])

const json = (params: URLSearchParams, name: string): unknown => JSON.parse(params.get(name) ?? '{}')

/** The fragment of the URL for a run. The steps are named, so that a later model can say where it differs. */
export async function linkTo(view: View, at: number): Promise<string> {
  const { race, conditions, model, trace } = view
  const lanes = trace.lanes
  const run = namedSteps(trace).map(({ lane, step, alternative }) => [lanes.indexOf(lane), step, ...(alternative ? [alternative] : [])])
  return new URLSearchParams({
    race: race.name,
    arch: conditions.arch,
    kernel: conditions.kernel,
    ...(conditions.revert.length > 0 && { revert: list(conditions.revert) }),
    ...(conditions.apply.length > 0 && { apply: list(conditions.apply) }),
    ...(Object.keys(conditions.with).length > 0 && { with: JSON.stringify(conditions.with) }),
    ...(Object.keys(conditions.sizes).length > 0 && { sizes: JSON.stringify(conditions.sizes) }),
    model,
    at: String(at),
    run: await deflated(JSON.stringify([lanes, run])),
  }).toString()
}

/** Reads a fragment. Undefined if it names no run; throws an Error with a message if what it names cannot be read. */
export async function linkFrom(fragment: string): Promise<Link | undefined> {
  const params = new URLSearchParams(fragment.replace(/^#/, ''))
  const [race, arch, run] = ['race', 'arch', 'run'].map((name) => params.get(name))
  const kernel = params.get('kernel') ?? DEFAULT_KERNEL
  if (!race || !arch || !run) return undefined
  if (!isKernelName(kernel)) throw new Error(`the link is of Linux ${kernel}, which is not in this page`)
  try {
    const [lanes, steps] = JSON.parse(await inflated(run)) as [string[], [number, string, number?][]]
    return {
      race,
      conditions: { arch, kernel, revert: unlist(params.get('revert')), apply: unlist(params.get('apply')), with: json(params, 'with') as Values, sizes: json(params, 'sizes') as Sizes },
      model: params.get('model') ?? '',
      at: Number(params.get('at')) || 0,
      schedule: steps.map(([lane, step, alternative]) => ({ lane: String(lanes[lane]), step: String(step), alternative: Number(alternative ?? 0) })),
    }
  } catch {
    throw new Error('the link is damaged: its run cannot be read')
  }
}
