import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/engine/errors.js'
import { holds, race, reach } from '../../src/index.js'
import { boot } from '../../src/race/boot.js'

const common = { name: 'set-up', title: 'what set-up asks for', sometimes: ['done'], variants: { fixed: { expect: holds } } } as const

describe('what set-up asks for', () => {
  it('is refused when the architecture does not have it', () => {
    const asking = race({ ...common, setup: (k) => k.userfaultfd(k.mm(), undefined as never), geometry: { userfaultfds: 1 }, cpus: { a: () => reach('done') } })
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(UserError)
    expect(() => boot(asking, { arch: 'arm64' })).toThrow(/arm64 has no HAVE_ARCH_USERFAULTFD_WP/)
  })
})
