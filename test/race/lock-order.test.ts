import { expect, it } from 'vitest'
import { checkRace, conditionsOf, finish } from '../../src/race/check.js'
import { report } from '../../src/trace/report.js'
import { traceOf } from '../../src/trace/trace.js'
import { allRaces } from './load.js'

const races = await allRaces()

function outcomeOf(name: string, variant: string, arch = 'arm64') {
  const race = races.find((one) => one.name === name)!
  return finish(checkRace(race, conditionsOf(race.variants[variant]!, arch)))
}

it('an order of locks that no run has deadlocked in', () => {
  const outcome = outcomeOf('amdgpu-userptr-vs-munmap', 'keeps-reservations')
  expect(outcome.shown).toBeUndefined()
  expect(report(outcome, undefined, { width: 80 })).toMatchInlineSnapshot(`
    "VIOLATED  lock order: possible circular locking: reservation_ww_class_acquire
      > &mm->mmap_lock > reservation_ww_class_acquire
      amdgpu-userptr-vs-munmap  arm64  keeps-reservations: with
        mutant-retry-keeps-reservations
      searched: 716 states, 731 steps, longest run 132

    possible circular locking dependency detected

    the existing dependency chain (in reverse order) is:

    -> #1 (reservation_ww_class_acquire), by boot:
         takes it at lock(reservation_ww_class_acquire) in dma_resv_lockdep
         with (&mm->mmap_lock) held since lock(&mm->mmap_lock) in dma_resv_lockdep
    -> #0 (&mm->mmap_lock), by submission, GPU:
         takes it at mmap_read_lock(mm) in submission > amdgpu_cs_ioctl >
           amdgpu_ttm_tt_get_user_pages > hmm_get_user_pages
         with (reservation_ww_class_acquire) held since ww_acquire_init(ticket) in
           submission > amdgpu_cs_ioctl > ttm_eu_reserve_buffers > ww_acquire_init

     Possible unsafe locking scenario:

           CPU0                    CPU1
           ----                    ----
      lock(reservation_ww_class_acquire);
                                   rlock(&mm->mmap_lock);
                                   lock(reservation_ww_class_acquire);
      rlock(&mm->mmap_lock);

     *** DEADLOCK ***

    possible circular locking dependency detected

    the existing dependency chain (in reverse order) is:

    -> #1 (reservation_ww_class_mutex), by boot:
         takes it at lock(reservation_ww_class_mutex) in dma_resv_lockdep
         with (&mm->mmap_lock) held since lock(&mm->mmap_lock) in dma_resv_lockdep
    -> #0 (&mm->mmap_lock), by submission, GPU:
         takes it at mmap_read_lock(mm) in submission > amdgpu_cs_ioctl >
           amdgpu_ttm_tt_get_user_pages > hmm_get_user_pages
         with (reservation_ww_class_mutex) held since dma_resv_lock(resv, ticket)
           in submission > amdgpu_cs_ioctl > ttm_eu_reserve_buffers

     Possible unsafe locking scenario:

           CPU0                    CPU1
           ----                    ----
      lock(reservation_ww_class_mutex);
                                   rlock(&mm->mmap_lock);
                                   lock(reservation_ww_class_mutex);
      rlock(&mm->mmap_lock);

     *** DEADLOCK ***"
  `)
})

it('a deadlock, and the order of locks that led to it', () => {
  const outcome = outcomeOf('memory-under-notifier-lock', 'GFP_NOIO')
  expect(report(outcome, traceOf(outcome.loaded, outcome.shown!.found), { width: 80 })).toMatchInlineSnapshot(`
    "VIOLATED  deadlock: submission, GPU waits at "mutex_lock(notifier_lock)"
      (held)
      memory-under-notifier-lock  arm64  GFP_NOIO: with
        gfp-noio-under-notifier-lock
      searched: 11,621 states, 13,144 steps, longest run 362
      this run: 91 steps, 1 switch (fewest preemptions); 87 local steps not shown

      CPU A  submission, GPU                  CPU B  kswapd
      ----------------------                  -------------
      isolate_lru_folio()
        folio_test_lru(folio) &&
          folio_try_get(folio)
          // page6._refcount: 1 -> 2
      shrink_folio_list()
        folio_trylock(folio)
                                              reclaim_folio()
                                                folio_lru_list(folio)
                                                  // locked|uptodate|anon_exclusive
                                              isolate_lru_folio()
                                                folio_test_lru(folio) &&
                                                  folio_try_get(folio)
      *** DEADLOCK: submission, GPU waits at "mutex_lock(notifier_lock)" (held) ***

    possible recursive locking detected

    -> #0 (&userptr->notifier_lock), by submission, GPU:
         takes it at mutex_lock(notifier_lock) in amdgpu_cs_ioctl >
           __alloc_pages_slowpath > shrink_lruvec > shrink_folio_list > try_to_unmap
           > rmap_walk > try_to_unmap_one > mmu_notifier_invalidate_range_start >
           mn_itree_invalidate > amdgpu_mn_invalidate_gfx
         with (&userptr->notifier_lock) held since mutex_lock(notifier_lock) in
           amdgpu_cs_ioctl

     Possible unsafe locking scenario:

           CPU0
           ----
      lock(&userptr->notifier_lock);
      lock(&userptr->notifier_lock);

     *** DEADLOCK ***"
  `)
})
