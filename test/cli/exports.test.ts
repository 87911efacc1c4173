import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import path from 'node:path'
import * as mmrace from '../../src/index.js'
import { root } from './command.js'

describe('what mmrace exports', () => {
  it('is every function of the kernel, and listed in docs/functions.md, as `npm run exports` writes it', () => {
    const script = path.join(root, 'scripts/exports.mjs')
    expect(spawnSync(process.execPath, [script, '--check', 'docs'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })

  it.each([
    'try_grab_folio', 'gup_pte_range', 'zap_pte_range', 'unmap_page_range', 'do_wp_page', 'change_pmd_range', 'try_to_unmap_one',
    '__split_huge_pmd_locked', 'hmm_range_fault', 'down_read', 'down_write', 'folio_lock', 'mmget_not_zero', 'mmput', 'mmput_async', 'mmgrab',
    'mmdrop', 'queue_work', 'flush_work', 'cancel_work_sync', 'mmu_notifier_unregister', 'call_rcu', 'synchronize_rcu', 'rcu_read_lock',
  ])('%s', (name) => expect(mmrace).toHaveProperty(name))
})
