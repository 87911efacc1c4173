import { count } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'

/** What the search did, and the functions of the model that it came by: those never reached first. */
export function SearchStats() {
  const { store } = useApp()
  const verdict = store.view.value!.verdict
  if (!verdict) return <p class="dim">this run was made by hand; press Run for a search</p>
  const { states, transitions, depth, ends, bytes, localStates, runs } = verdict.stats
  const facts: [string, number | undefined][] = [
    ['states', states], ['steps', transitions], ['longest run', depth], ['ways to end', ends], ['local states learned', localStates],
    ['bytes', bytes], ['runs', runs],
  ]
  const never = verdict.coverage.filter(({ reached }) => !reached)
  const reached = verdict.coverage.filter(({ reached }) => reached)
  return (
    <div class="stats">
      <dl>{facts.map(([name, value]) => value !== undefined && <div key={name}><dt>{name}</dt><dd>{count(value)}</dd></div>)}</dl>
      <Functions title={`${never.length} functions never reached, of the files the search was in`} list={never} />
      <Functions title={`${reached.length} functions reached`} list={reached} />
    </div>
  )
}

function Functions({ title, list }: { title: string; list: readonly { name: string; file: string }[] }) {
  return (
    <>
      <h3>{title}</h3>
      <ul class="columns" aria-label={title}>{list.map(({ name, file }) => <li key={file + name}>{name}() <span class="dim">{file.replace('src/kernel/', '')}</span></li>)}</ul>
    </>
  )
}
