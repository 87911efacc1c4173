import { spawn } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { Browser, mmrace, obstacle } from './browser.js'

const bin = path.resolve(import.meta.dirname, '../../bin/mmrace.mjs')

/** Starts `mmrace ui`; gives its address, and a way to end it that tells its status. */
async function ui(...args: string[]): Promise<{ url: string; end: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [bin, 'ui', ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => text.startsWith('http') && resolve(text.split('\n')[0]!))
    child.once('exit', () => reject(new Error('mmrace ui ended')))
  })
  const end = (): Promise<number | null> => new Promise((resolve) => {
    child.once('exit', (status) => resolve(status))
    child.kill('SIGINT')
  })
  return { url, end }
}

describe.skipIf(obstacle !== undefined)('mmrace ui', () => {
  test('serves a page in which a race can be chosen and searched', async () => {
    const { url, end } = await ui()
    const browser = await Browser.start()
    const { page, errors } = await browser.open(url)
    await page.getByRole('listitem').filter({ hasText: 'gup-fast-vs-thp-collapse' }).getByRole('button', { name: 'bug' }).click()
    await page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    expect(errors).toEqual([])
    await browser.stop()
    expect(await end()).toBe(0)
  })

  test('says what is wrong with its arguments', () => {
    expect(mmrace('ui', '--port', '70000')).toBe('')
    expect(mmrace('check', 'gup-fast-vs-thp-collapse', '--arch', 'all', '--html', 'x.html')).toBe('')
  })
})
