import { useApp } from '../app/context.js'
import { type FolioCard, folioCards } from '../view/objects.js'
import { CellValue } from './cell-value.js'

/** Folios in use, and those that the run uses at some time. */
export function FolioCards() {
  const { store } = useApp()
  return (
    <div class="card">
      <h3>folios</h3>
      <div class="cards">{folioCards(store.state.value).map((card) => <Card key={card.name} card={card} />)}</div>
    </div>
  )
}

function Card({ card: { name, refs, pins, maps, flags, content } }: { card: FolioCard }) {
  const { store } = useApp()
  const flagsBefore = store.changes.value.get(`${name}.flags`)?.split('|') ?? flags
  return (
    <div class="folio" role="group" aria-label={`folio ${name}`}>
      <b>{name}</b>
      <dl>
        <dt>refs</dt><dd><CellValue cell={`${name}._refcount`} text={String(refs)} label={`${name} references`} /></dd>
        <dt>pins</dt><dd>{pins}</dd>
        <dt>maps</dt><dd><CellValue cell={`${name}._mapcount`} text={String(maps)} label={`${name} mappings`} /></dd>
        <dt>content</dt><dd><CellValue cell={`${name}.content`} text={content} label={`${name} content`} /></dd>
      </dl>
      <div class="flags">
        {flags.map((flag) => <span key={flag} class="tag" data-changed={!flagsBefore.includes(flag)}>{flag}</span>)}
        {flagsBefore.filter((flag) => flag !== '0' && !flags.includes(flag)).map((flag) => <s key={flag} class="tag">{flag}</s>)}
      </div>
    </div>
  )
}
