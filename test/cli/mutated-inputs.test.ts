import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from './command.js'

it('mutated files of every kind get an answer, and none is called a fault of mmrace', () => {
  const script = path.join(root, 'scripts/fuzz-inputs.mjs')
  const { status, stdout } = spawnSync(process.execPath, [script, '--count', '8', '--seed', '16', '--only', 'race,trace,checkpoint,litmus,vmsa'], { encoding: 'utf8' })
  expect(stdout).toMatch(/none crashes, hangs, or is called a fault of mmrace\n$/)
  expect(status).toBe(0)
})
