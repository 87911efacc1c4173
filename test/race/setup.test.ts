import { describe, expect, it } from 'vitest'
import { load, store } from '../../src/engine/index.js'
import { check } from '../../src/engine/search/explore.js'
import { dma_write, FOLL_GET, FOLL_PIN, FOLL_WRITE, get_user_pages_fast, holds, MADV, pin_user_pages_fast, pmd_offset, pte_offset_map, put_page, race, reach, sys_madvise, sys_munmap, unpin_user_page, user_read } from '../../src/index.js'
import { boot } from '../../src/race/boot.js'
import { UserError } from '../../src/engine/errors.js'
import type { Race } from '../../src/race/race.js'
import type { Setup } from '../../src/race/setup.js'
import type { Mm } from '../../src/kernel/include/mm.js'

const oraclesOf = (declared: Race, arch = 'arm64'): string[] => {
  const result = check(boot(declared, { arch }), { all: true })
  return result.verdict === 'violated' ? [...new Set(result.found.map(({ violation }) => violation.oracle))] : []
}
const common = { name: 'set-up', title: 'what set-up does counts', sometimes: ['done'], variants: { fixed: { expect: holds } } } as const

/** An address space with a page at its first address. */
function mapped(k: Setup): Mm {
  const mm = k.mm()
  k.anon(mm, { pages: 2 })
  return mm
}

describe('what set-up does', () => {
  it('counts: a pin or a reference taken there has a holder', () => {
    for (const [get, put, flags] of [[pin_user_pages_fast, unpin_user_page, FOLL_WRITE | FOLL_PIN], [get_user_pages_fast, put_page, FOLL_GET]] as const) {
      expect(oraclesOf(race({
        ...common,
        setup: (k) => {
          const mm = k.mm()
          k.anon(mm, { pages: 1 })
          const [page] = k.call(get(mm, 0, 1, flags & FOLL_WRITE))
          return { mm, page: page! }
        },
        cpus: {
          owner: function* ({ mm }) {
            yield* sys_munmap(mm, 0, 1)
            yield* reach('done')
          },
        },
      }))).toEqual([])
      expect(oraclesOf(race({
        ...common,
        setup: (k) => {
          const mm = k.mm()
          k.anon(mm, { pages: 1 })
          const [page] = k.call(get(mm, 0, 1, flags & FOLL_WRITE))
          return { page: page! }
        },
        cpus: {
          holder: function* ({ page }) {
            yield* put(page)
            yield* put(page)
            yield* reach('done')
          },
        },
      }))).not.toEqual([])
    }
  })

  it('counts: what was written there may not be lost', () => {
    const lost = race({
      ...common,
      setup: (k) => {
        const mm = k.mm()
        k.anon(mm, { pages: 1 })
        k.write(mm, 0, 7)
        return { mm, ptep: pte_offset_map(k.call(load(pmd_offset(mm, 0))), 0) }
      },
      cpus: {
        lossy: function* ({ mm, ptep }) {
          yield* store(ptep, 0)
          yield* user_read(mm, 0)
          yield* reach('done')
        },
      },
    })
    expect(oraclesOf(lost)).toContain('O6')
  })

  it('counts: a pin that was taken there stays where it is, and one more pin is not the same', () => {
    const pinned = (fork: boolean): Race => race({
      ...common, geometry: { mms: 2 },
      setup: (k) => {
        const mm = k.mm()
        k.anon(mm, { pages: 1 })
        const [page] = k.call(pin_user_pages_fast(mm, 0, 1, FOLL_WRITE))
        return { mm, page: page!, child: fork ? undefined : k.fork(mm) }
      },
      cpus: {
        owner: function* ({ mm, page }) {
          const [again] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
          if (again) yield* unpin_user_page(again)
          yield* unpin_user_page(page)
          yield* reach('done')
        },
      },
    })
    expect(oraclesOf(pinned(false))).toEqual([])
    expect(oraclesOf(pinned(true))).toEqual([])
  })

  it('counts: who is told of what it frees is told there too', () => {
    expect(oraclesOf(race({
      ...common,
      setup: (k) => {
        const mm = k.mm()
        k.anon(mm, { pages: 1 })
        const page = k.pageAt(mm, 0)
        k.call(sys_munmap(mm, 0, 1))
        return { page }
      },
      cpus: {
        late: function* ({ page }) {
          yield* dma_write(page, 1)
          yield* reach('done')
        },
      },
    }))).toContain('O2')
  })

  it('leaves the kernel as it was', async () => {
    for (const [name, arch] of [['gup-fast-vs-thp-collapse', 'arm64'], ['device-exclusive-vs-madvise', 'x86-native'], ['dax-truncate-vs-pin', 'x86-native'], ['gup-fast-vs-hugetlb-unshare', 'arm64'], ['fork-vs-pinned-page', 's390']] as const) {
      const { default: declared } = await import(`../../races/${name}.ts`) as { default: Race }
      const without = boot({ ...declared, oracles: ['O12'] }, { arch })
      const whole = boot(declared, { arch })
      expect(whole.memory.initial.slice(0, without.memory.size), declared.name).toEqual(without.memory.initial)
    }
  })

  it('counts: what was given up there may come back as zeroes', () => {
    expect(oraclesOf(race({
      ...common,
      setup: (k) => {
        const mm = k.mm()
        k.anon(mm, { pages: 1 })
        k.write(mm, 0, 7)
        k.call(sys_madvise(mm, 0, 1, MADV.DONTNEED))
        return { mm }
      },
      cpus: {
        reader: function* ({ mm }) {
          yield* user_read(mm, 0)
          yield* reach('done')
        },
      },
    }))).toEqual([])
  })

  it.each<[string, (k: Setup) => unknown, RegExp]>([
    ['a page where none is mapped', (k) => k.pageAt(mapped(k), 1), /setup: no page is mapped at address 1/],
    ['a page that is nowhere', (k) => k.pageAt(mapped(k), 99), /setup: no page is mapped at address 99/],
    ['a write where nothing is', (k) => k.write(mapped(k), 7, 1), /setup: a write to address 7 faults/],
    ['a lane that is not there', (k) => k.mm('ownr'), /setup: there is no lane "ownr"/],
    ['what an oracle objects to', (k) => k.call(unpin_user_page(k.pageAt(mapped(k), 0))), /setup\(\) itself violates O9/],
  ])('is refused: %s', (_, setup, message) => {
    const asking = race({ ...common, setup, cpus: { owner: () => reach('done') } })
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(UserError)
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(message)
  })

  it('is refused when the architecture does not have it', () => {
    const asking = race({ ...common, setup: (k) => k.userfaultfd(k.mm(), undefined as never), geometry: { userfaultfds: 1 }, cpus: { a: () => reach('done') } })
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(UserError)
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(/arm64 has no HAVE_ARCH_USERFAULTFD_WP/)
  })
})
