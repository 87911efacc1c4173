import { useApp } from '../app/context.js'

const STEP = 2

/** Between two columns of the page: drawn with the pointer, or moved with the arrow keys. `edge` counts from the left. */
export function Splitter({ edge }: { edge: 0 | 1 }) {
  const { store } = useApp()
  const at = store.columns.value[edge]
  const move = (to: number): void => store.moveEdge(edge, to)
  return (
    <div class="splitter" role="separator" aria-orientation="vertical" aria-label={edge === 0 ? 'width of the interleaving' : 'width of the state'}
      aria-valuenow={Math.round(at)} aria-valuemin={0} aria-valuemax={100} tabIndex={0}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0
        if (by === 0) return
        event.preventDefault()
        event.stopPropagation()
        move(at + by)
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const main = event.currentTarget.parentElement!.getBoundingClientRect()
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(((event.clientX - main.left) / main.width) * 100)
      }} />
  )
}
