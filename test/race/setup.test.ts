import { describe, expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { dma_write, FOLL_GET, FOLL_PIN, FOLL_WRITE, get_user_pages_fast, holds, MADV, pin_user_pages_fast, put_page, race, reach, sys_madvise, sys_munmap, unpin_user_page, user_read } from '../../src/index.js'
import { boot } from '../../src/race/boot.js'
import { UserError } from '../../src/engine/errors.js'
import type { Race } from '../../src/race/race.js'

const oraclesOf = (declared: Race, arch = 'arm64'): string[] => {
  const result = check(boot(declared, { arch }), { all: true })
  return result.verdict === 'violated' ? [...new Set(result.found.map(({ violation }) => violation.oracle))] : []
}
const common = { name: 'set-up', title: 'what set-up does counts', sometimes: ['done'], variants: { fixed: { expect: holds } } } as const

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
        return { mm, page: k.pageAt(mm, 0) }
      },
      cpus: {
        device: function* ({ page }) {
          yield* dma_write(page, 3)
          yield* reach('done')
        },
      },
    })
    expect(oraclesOf(lost)).toEqual(['O6'])
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

  it('is refused when the architecture does not have it', () => {
    const asking = race({ ...common, setup: (k) => k.userfaultfd(k.mm(), undefined as never), geometry: { userfaultfds: 1 }, cpus: { a: () => reach('done') } })
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(UserError)
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(/arm64 has no HAVE_ARCH_USERFAULTFD_WP/)
  })
})
