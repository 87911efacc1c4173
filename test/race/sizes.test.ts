import { describe, expect, it } from 'vitest'
import type { Steps } from '../../src/engine/model/step.js'
import { boot } from '../../src/race/boot.js'
import { cellOf } from '../../src/race/cell.js'
import { checkRace, finish } from '../../src/race/check.js'
import { bootMachine } from '../../src/race/boot-machine.js'
import { holds, race } from '../../src/race/race.js'
import type { Setup } from '../../src/race/setup.js'
import { reach } from '../../src/race/reach.js'
import { kvm } from '../../src/kernel/drivers/secondary_mmu/kvm.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { check } from '../../src/engine/search/explore.js'

const raceOf = (setup: (k: Setup) => unknown, geometry = {}, lane: () => Steps<unknown> = () => reach('here')) => race({
  name: 'sizes', title: 'as large as it has to be', geometry, setup, cpus: { lane }, sometimes: ['here'], variants: { fixed: { expect: holds } },
})

const sizesOf = (setup: (k: Setup) => unknown) => bootMachine(raceOf(setup), { arch: 'arm64' }).kernel.geometry

describe('sizes that a race does not name', () => {
  // The first of the file, for as long as there is no kernel yet.
  it('are not asked for where there is no machine: what is wrong with the conditions is said', () => {
    const any = raceOf((k) => k.mm())
    expect(() => finish(checkRace(any, { arch: 'vax' }))).toThrow(/no profile "vax"/)
    expect(() => finish(checkRace(any, { arch: 'arm64', revert: ['abc'] }))).toThrow(/no change "abc"/)
  })

  it.each<[string, (k: Setup) => unknown, object]>([
    ['address spaces', (k) => [k.mm(), k.mm(), k.mm()], { mms: 3 }],
    ['mappings, and addresses for them', (k) => { const mm = k.mm(); for (let i = 0; i < 5; i++) k.shared(mm, { start: i, pages: 1 }) }, { vmas: 7, files: 5, ptrsPerPmd: 3 }],
    ['pages of files', (k) => k.shared(k.mm(), { pages: 4, touched: [3] }), { filePages: 4, files: 1 }],
    ['pages of drivers', (k) => Array.from({ length: 7 }, () => k.driverPage()), { pages: 7 }],
    ['files of devices', (k) => k.bufferObject(k.driverPage()), { files: 1 }],
    ['IOMMUs', (k) => k.sva(k.mm()), { iommus: 1 }],
    ['device memory', (k) => k.mirror(k.mm()), { devicePrivate: 1, mirrors: 1 }],
    ['memory of device-dax', (k) => k.devDax(), { deviceDax: 1 }],
    ['children', (k) => { const mm = k.mm(); k.anon(mm, { pages: 1 }); k.fork(mm) }, { mms: 2, vmas: 4, tables: 3 }],
  ])('follow from what set-up makes: %s', (_, setup, wanted) => expect(sizesOf(setup)).toMatchObject(wanted))

  it('devices are made as set-up asks for them', () => {
    const { kernel } = bootMachine(raceOf((k) => [k.guest({ pages: 1 }), k.secondaryMmu(k.mm(), kvm), k.reservation('bo')]), { arch: 'arm64' })
    expect([kernel.secondaryMmus.length, kernel.mmuNotifiers.list.length, kernel.wwContexts.length]).toEqual([2, 2, 1])
  })

  it('but one that it names is as it says', () => {
    expect(() => boot(raceOf((k) => [k.mm(), k.mm()], { mms: 1 }), { arch: 'arm64' })).toThrow(/needs more mms/)
  })

  it('grow when a run needs more than set-up has left: children of children', () => {
    const forks = race({
      name: 'forks', title: 'a child that forks',
      setup: (k) => { const mm = k.mm(); k.anon(mm, { pages: 1 }); return { mm } },
      cpus: { parent: function* ({ mm }) { if (yield* dup_mm((yield* dup_mm(mm))!)) yield* reach('here') } },
      sometimes: ['here'], variants: { fixed: { expect: holds } },
    })
    expect(finish(cellOf(forks, 'fixed', 'arm64', '6.1'))).toMatchObject({ verdict: 'holds', neverReached: [] })
    expect(() => check(boot({ ...forks, geometry: { mms: 1 } }, { arch: 'arm64' }))).toThrow(/needs more mms/)
  })

  it('leave something for the CPUs to take: a mapping that is cut in two', () => {
    const one = race({
      name: 'cut', title: 'a hole in a mapping',
      setup: (k) => { const mm = k.mm(); k.anon(mm, { pages: 3, touched: [1] }); return { mm } },
      cpus: { munmap: function* ({ mm }) { yield* sys_munmap(mm, 1, 2); yield* reach('here') } },
      sometimes: ['here'], variants: { fixed: { expect: holds } },
    })
    expect(check(boot(one, { arch: 'arm64' })).verdict).toBe('holds')
  })
})
