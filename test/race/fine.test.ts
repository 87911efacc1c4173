import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { fineChanges } from '../../src/kernel/changes/fine_changes.js'
import { boot } from '../../src/race/boot.js'
import { expectedOracle } from '../../src/race/check.js'
import type { Race } from '../../src/race/race.js'
import { root } from '../cli/command.js'

const FINE = fineChanges.map(({ id }) => id)

const load = async (name: string): Promise<Race> => ((await import(path.join(root, `races/${name}.ts`))) as { default: Race }).default

/** Looked at finely, races of lists and of lookups end as they did: the locks are enough. */
describe.each([
  ['notifier-put-vs-zap'], ['notifier-get-vs-put'], ['interval-insert-vs-zap'], ['kvm-unregister-vs-exit'], ['fence-wait-vs-signal'],
  ['dma-buf-move-vs-importer'], ['kvm-fault-vs-mprotect'],
])('%s, finely', async (name) => {
  const race = await load(name)
  it.each(Object.entries(race.variants))('%s', (_, { revert = [], apply = [] }) => {
    const conditions = { arch: 'arm64', revert, apply }
    const result = check(boot(race, { ...conditions, apply: [...apply, ...FINE] }), { all: true, states: 300_000 })
    const oracle = expectedOracle(race, conditions)
    if (oracle === undefined) expect(result.verdict).toBe('holds')
    else expect(result.verdict === 'violated' && result.found.map((f) => f.violation.oracle)).toContain(oracle)
  })
})

it('each is asked for somewhere', () => {
  const text = [
    'mm/mmu_notifier.ts', 'mm/mmu_notifier/itree.ts', 'mm/find_vma.ts', 'drivers/dma_buf/dma_fence.ts', 'drivers/dma_buf/dma_resv.ts',
    'workqueue/workqueue.ts', 'mm/huge_memory/deferred_split.ts', 'mm/page_alloc.ts',
  ].map((file) => readFileSync(path.join(root, 'src/kernel', file), 'utf8')).join('')
  for (const id of FINE) expect(text).toContain(`has('${id}')`)
})
