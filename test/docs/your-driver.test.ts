import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mmrace, root } from '../cli/command.js'

const scratch = mkdtempSync(path.join(tmpdir(), 'mmrace-drivers-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const source = readFileSync(path.join(root, 'docs/examples/eviction.ts'), 'utf8')

/** What is found in the example after a change to the driver. */
function found(changed: string, ...options: string[]): string {
  expect(changed).not.toBe(source)
  writeFileSync(path.join(scratch, 'eviction.ts'), changed)
  return mmrace(['check', 'eviction.ts', '--no-orders', ...options], scratch).stdout.split('\n  eviction', 1)[0]!.replaceAll(/\s+/g, ' ')
}

const INSERT = '  const result = yield* vmf_insert_pfn(vma, address, page.pfn)\n'
const UNLOCK = '  yield* mutex_unlock(lock)\n'
const UNMAP = '  yield* unmap_mapping_pages(file, 0, 1, true)\n'
const EVICT_LOCKS = '  yield* mutex_lock(lock)\n'

const mixed = source.replaceAll('vmf_insert_pfn', 'vmf_insert_mixed').replace('{ pages: 1 }', '{ pages: 1, flags: VM_MIXEDMAP }')
  .replace('VM_FAULT_RETRY,', 'VM_FAULT_RETRY, VM_MIXEDMAP,')

describe('docs/your-driver.md', () => {
  it('the example is short, and holds on every profile', () => {
    expect(source.split('\n').length).toBeLessThanOrEqual(50)
    expect(mmrace(['matrix', 'docs/examples/eviction.ts']).stdout).toMatch(/(\d+) of \1 as history says/)
  })

  it.each([
    ['unlocks before it inserts', source.replace(INSERT + UNLOCK, UNLOCK + INSERT), /accesses page \d+, which the kernel uses as its own/],
    ['unmaps before it locks', source.replace(EVICT_LOCKS + UNMAP, UNMAP + EVICT_LOCKS), /accesses page|can reach it/],
    ['does not unmap', source.replace(UNMAP, ''), /is used by the kernel as its own while CPU . can reach it|accesses page/],
    ['takes spinlocks', source.replaceAll('mutex_', 'spin_'), /sleeping function called from invalid context/],
  ])('a driver that %s', (_, changed, what) => expect(found(changed)).toMatch(what))

  it('a driver with a MIXEDMAP, by architecture', () => {
    expect(found(mixed)).toMatch(/^HOLDS/)
    expect(found(mixed, '--arch', 'generic-no-special')).toMatch(/while GUP's caller holds it/)
  })
})
