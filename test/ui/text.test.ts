import { describe, expect, test } from 'vitest'
import { Checker } from '../../src/ui/worker/checker.js'
import type { Ahead, FoundReply, Request, RunReply, Sample } from '../../src/ui/worker/requests.js'
import { parseTrace } from '../../src/trace/trace-file.js'
import { finish } from '../../src/race/check.js'
import { escaped, pageHtml, policy } from '../../src/ui/page/html.js'
import { COPY_FORMATS, copyText } from '../../src/ui/view/copy-as.js'
import { divergence } from '../../src/ui/view/divergence.js'
import { linkFrom, linkTo } from '../../src/ui/view/link.js'
import { locksAt } from '../../src/ui/view/locks.js'
import { moved, namedSteps, swapped } from '../../src/ui/view/named.js'
import { folioCards, tableTrees } from '../../src/ui/view/objects.js'
import { stateAt } from '../../src/ui/view/state-at.js'
import type { View } from '../../src/ui/view/view.js'
import race from '../../races/gup-fast-vs-thp-collapse.js'

const checker = new Checker(new Map([[race.name, race]]))
const signal = new AbortController().signal
const bug = { arch: 'arm64', revert: race.variants['bug']!.revert!, apply: [] }
const search = (conditions = bug): View => finish(checker.answer({ kind: 'search', race: race.name, conditions }, signal)) as View
const run = (request: object): RunReply =>
  finish(checker.answer({ kind: 'run', race: race.name, conditions: bug, schedule: [], ...request }, signal)) as RunReply
const ask = <T = unknown>(request: { kind: Request['kind'] } & Record<string, unknown>): T =>
  finish(checker.answer({ race: race.name, conditions: bug, ...request } as Request, signal)) as T
const fixed = { arch: 'arm64', revert: [], apply: [] }
const view = search()

describe('the checker of the page', () => {
  test('finds what the command finds, with the orders it depends on', () => {
    expect(view.verdict).toMatchObject({ word: 'VIOLATED', orders: { exact: true } })
    expect(view.verdict!.coverage.some(({ name, reached }) => name === 'gup_pte_range' && reached)).toBe(true)
    expect(view.verdict!.coverage[0]!.reached).toBe(false)
    expect(view.points).toHaveLength(view.trace.steps.length + 1)
  })

  test('follows names, and says where they no longer fit', () => {
    const named = namedSteps(view.trace)
    expect(run({ schedule: named }).view.trace.violation).toMatchObject({ oracle: 'O6' })
    const wrong = named.with(5, { ...named[5]!, step: 'no such step' })
    const { view: cut, misfit } = run({ schedule: wrong })
    expect(misfit).toMatchObject({ step: 6 })
    expect(cut.trace.steps).toHaveLength(5)
    expect(run({ schedule: [{ lane: 'nobody' }] }).misfit).toMatchObject({ step: 1, why: 'there is no lane nobody' })
  })

  test('runs one lane until it has to wait', () => {
    const { trace, points } = run({ alone: 'gup_fast' }).view
    expect(new Set(trace.steps.map(({ lane }) => trace.lanes[lane]))).toEqual(new Set(['gup_fast']))
    expect(points.at(-1)![1]!.alternatives.every(({ blocked }) => blocked !== undefined)).toBe(true)
  })

  test('runs the same schedule on the fixed kernel, where nothing happens', () => {
    const { view: other } = run({ conditions: fixed, rest: namedSteps(view.trace), toEnd: true })
    expect(other.trace.violation).toBeUndefined()
    expect(other.ended).toBe(true)
    expect(divergence(view.trace, other.trace)).toBeGreaterThan(0)
    expect(divergence(view.trace, view.trace)).toBeUndefined()
  })

  test('finds a passing run for each sometimes', () => {
    const samples = finish(checker.answer({ kind: 'samples', race: race.name, conditions: bug }, signal)) as Sample[]
    expect(samples.map(({ reaches }) => reaches)).toEqual(race.sometimes)
    for (const { reaches, view: sample } of samples) {
      expect(sample?.trace.violation).toBeUndefined()
      expect(sample?.reached.map(({ name }) => name)).toContain(reaches)
    }
  })

  test('finds the run with the fewest preemptions again, from a longer one', () => {
    const reply = ask<FoundReply>({ kind: 'minimise', oracle: 'O6' })
    expect(reply.view!.trace.steps).toEqual(view.trace.steps)
    expect(ask<FoundReply>({ kind: 'minimise', oracle: 'O6', conditions: fixed })).toEqual({ view: undefined, certain: true })
  })

  test('finds a run to a state that somebody asks for, or says that there is none', () => {
    const { view: shown } = ask<FoundReply>({ kind: 'where', condition: 'mm0.pmd[0] == none && !(page6._refcount < 2)' })
    const state = stateAt(shown!, shown!.trace.steps.length)
    expect(state.get('mm0.pmd[0]')).toBe('none')
    expect(Number(state.get('page6._refcount'))).toBeGreaterThanOrEqual(2)
    expect(ask<FoundReply>({ kind: 'where', condition: 'mm0.pmd[0] ~ nonsense' })).toEqual({ view: undefined, certain: true })
    expect(ask<FoundReply>({ kind: 'where', condition: 'mm0.pmd[0]' }).view!.trace.steps).toEqual([])
    expect(() => ask({ kind: 'where', condition: 'mm0.pmd[7] == 1' })).toThrow('there is no cell "mm0.pmd[7]"')
    expect(() => ask({ kind: 'where', condition: '(mm0.pmd[0]' })).toThrow('a bracket is not closed')
    expect(() => ask({ kind: 'where', condition: ' ' })).toThrow('there is no condition')
  })

  test('knows what can still go wrong', () => {
    const schedule = namedSteps(view.trace)
    const afterwards = (at: number, conditions = bug) => ask<Ahead[]>({ kind: 'ahead', schedule: schedule.slice(0, at), conditions })
    expect(afterwards(0).every(({ violates, complete }) => complete && violates.includes('O6'))).toBe(true)
    expect(afterwards(0, fixed).every(({ violates, complete }) => complete && violates.length === 0)).toBe(true)
    // The walker drops its last chance to be right with one of its reads: then all runs go wrong or none does.
    const last = afterwards(schedule.length - 1)
    expect(last.length).toBeGreaterThan(0)
  })

  test('tells steps of other lanes that could as well come later', () => {
    const marks = view.points.flatMap((point) => point.flatMap(({ alternatives }) => alternatives.map(({ commutes }) => commutes)))
    expect(marks).toContain(true)
    expect(marks).toContain(undefined)
  })

  test('refuses races it does not have', () => {
    expect(() => finish(checker.answer({ kind: 'samples', race: 'mine', conditions: bug }, signal))).toThrow('the race "mine" is not in this page')
  })
})

describe('what is drawn', () => {
  test('page tables, folios and locks at a step', () => {
    const start = stateAt(view, 0)
    const [tree] = tableTrees(start)
    expect(tree!.entries[0]).toMatchObject({ cell: 'mm0.pmd[0]', value: 'table0', table: { name: 'table0', freed: false } })
    expect(folioCards(start).find(({ name }) => name === 'page6')).toMatchObject({ refs: 1, pins: 0, maps: 1 })
    expect(locksAt(view, 0)).toEqual([])
    const locked = view.trace.steps.findIndex(({ label }) => label === 'mmap_write_lock(mm)') + 1
    expect(locksAt(view, locked)).toContainEqual({ cell: 'mm0.mmap_lock', value: '-1', owners: ['khugepaged'], waiters: [] })
  })

  test('a swap holds a step back until another lane is done with one', () => {
    const { fits, rest } = swapped(view.trace, 3, view.trace.steps.length - 1)
    expect([...fits, ...rest]).toHaveLength(view.trace.steps.length)
    expect(fits).toEqual(namedSteps(view.trace).slice(0, 3))
  })

  test('a step moved comes to stand where it was put', () => {
    const named = namedSteps(view.trace)
    const down = moved(view.trace, 2, 5)
    expect(down.fits).toEqual([...named.slice(0, 2), named[3], named[4], named[5], named[2]])
    expect(down.rest).toEqual(named.slice(6))
    const up = moved(view.trace, 5, 2)
    expect(up.fits).toEqual([...named.slice(0, 2), named[5], ...named.slice(2, 5)])
  })
})

describe('what leaves the page', () => {
  test.each(COPY_FORMATS)('has the run as %s', (format) => expect(copyText(view, format).length).toBeGreaterThan(200))

  test('a trace file that can be read again', () => {
    const saved = parseTrace(copyText(view, 'json'), 'copy')
    expect(saved.schedule).toHaveLength(view.trace.steps.length)
    expect(saved.violation).toEqual(view.trace.violation)
  })

  test('a link that leads back', async () => {
    const link = await linkFrom(`#${await linkTo(view, 7)}`)
    expect(link).toMatchObject({ race: race.name, conditions: bug, model: view.model, at: 7 })
    expect(link!.schedule.map(({ lane, step }) => [lane, step])).toEqual(namedSteps(view.trace).map(({ lane, step }) => [lane, step]))
    expect(await linkFrom('')).toBeUndefined()
    await expect(linkFrom('#race=a&arch=b&run=%00')).rejects.toThrow('the link is damaged')
  })

  test('a page in which no text of the model is code', () => {
    const evil = '</script><script>alert(1)</script>'
    const none = new Uint8Array()
    const bundle = { page: none, style: '', checker: none, starterHash: 'sha256-a', pageHash: 'sha256-b', styleHash: 'sha256-c' }
    const html = pageHtml(bundle, { message: evil }, evil)
    expect(html).not.toContain(evil)
    expect(html.match(/<script/g)).toHaveLength(4)
    expect(escaped('a<b>&"')).toBe('a&lt;b&gt;&amp;&quot;')
    expect(policy(bundle)).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/)
  })
})
