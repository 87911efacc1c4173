import { expect, it } from 'vitest'
import { mmrace } from './command.js'

it('explain says of a function of the kernel where it is, what it takes, what touches it, and which races run it', () => {
  const { status, stdout } = mmrace(['explain', 'gup_pte_range'])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^gup_pte_range {2}mm\/gup\.c\n {2}src\/kernel\/mm\/gup\/gup_pte_range\.ts:\d+\n {2}takes \(pmd: Pmd, pmdp: Cell, /)
  expect(stdout).toContain('70cbc3cc78a9  mm: gup: fix the fast GUP race against THP collapse')
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/races that run it:.* gup-fast-vs-thp-collapse,/)
  expect(mmrace(['explain', 'gup_pte_rang'])).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "gup_pte_range"?') })
})
