import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { useApp } from '../app/context.js'
import type { Edge } from '../view/edges.js'
import type { StepPair } from '../view/needed.js'

const NO_ORDERS: readonly StepPair[] = []

interface Line {
  readonly edge: Omit<Edge, 'kind'> & { readonly kind: Edge['kind'] | 'needed' }
  readonly path: string
}

/**
 * Lines between a write and the reads of another lane: dashed where the read saw what stood there before. Thick ones
 * are the orders that the violation depends on.
 */
export function EdgeLines({ grid }: { grid: RefObject<HTMLDivElement | null> }) {
  const { store } = useApp()
  const lines = useSignal<readonly Line[]>([])
  const size = useSignal({ width: 0, height: 0 })
  const here = store.at.value - 1
  const edges = store.edges.value
  const rows = store.rows.value
  const orders = store.view.value?.verdict?.orders ? store.orders.value : NO_ORDERS
  const needed = orders.map(({ first, second }): Line['edge'] => ({ kind: 'needed', write: second, read: first, cell: '' }))
  useLayoutEffect(() => {
    const measure = (): void => {
      const root = grid.current
      if (!root) return
      size.value = { width: root.offsetWidth, height: root.offsetHeight }
      lines.value = drawn(root, [...needed, ...edges.filter((edge) => edge.kind === 'older' || edge.read === here || edge.write === here)])
    }
    measure()
    const observer = new ResizeObserver(measure)
    if (grid.current) observer.observe(grid.current)
    return () => observer.disconnect()
  }, [edges, rows, here, orders])
  return (
    <svg class="edges" width={size.value.width} height={size.value.height} aria-hidden="true">
      {lines.value.map(({ edge, path }) => (
        <path key={path} d={path} class={edge.kind} data-here={edge.read === here || edge.write === here}>
          <title>{titleOf(edge)}</title>
        </path>
      ))}
    </svg>
  )
}

function titleOf({ kind, read, write, cell }: Line['edge']): string {
  if (kind === 'needed') return `the violation needs step ${read + 1} before step ${write + 1}`
  return kind === 'older'
    ? `step ${read + 1} saw ${cell} before step ${write + 1} changed it`
    : `step ${read + 1} saw ${cell} of step ${write + 1}`
}

/** A curve for each edge whose two rows are in the table. */
function drawn(root: HTMLElement, edges: readonly Line['edge'][]): Line[] {
  const box = root.getBoundingClientRect()
  const spot = (step: number, other: number): { x: number; y: number } | undefined => {
    const cell = root.querySelector(`[data-step="${step}"] .acts`)?.getBoundingClientRect()
    const facing = root.querySelector(`[data-step="${other}"] .acts`)?.getBoundingClientRect()
    if (!cell || !facing) return undefined
    return { x: (facing.left > cell.left ? cell.right - 6 : cell.left) - box.left + root.scrollLeft, y: cell.top + cell.height / 2 - box.top + root.scrollTop }
  }
  const seen = new Set<string>()
  return edges.flatMap((edge) => {
    const [from, to] = [spot(edge.write, edge.read), spot(edge.read, edge.write)]
    if (!from || !to) return []
    const bend = (to.x - from.x) / 2
    const path = `M${from.x.toFixed(1)} ${from.y.toFixed(1)}c${bend.toFixed(1)} 0 ${bend.toFixed(1)} ${(to.y - from.y).toFixed(1)} ${(to.x - from.x).toFixed(1)} ${(to.y - from.y).toFixed(1)}`
    if (seen.has(path)) return []
    seen.add(path)
    return [{ edge, path }]
  })
}
