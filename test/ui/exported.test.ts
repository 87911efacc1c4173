import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, mmrace, obstacle, type Opened, selectedStep } from './browser.js'

const RACE = 'gup-fast-vs-thp-collapse'

describe.skipIf(obstacle !== undefined)('a page in one file', () => {
  let browser: Browser
  let url: string
  beforeAll(async () => {
    browser = await Browser.start()
    url = pathToFileURL(browser.exported(RACE, '--bug')).href
  })
  afterAll(() => browser.stop())
  const open = (hash = ''): Promise<Opened> => browser.open(url + hash)

  test('says what the command says and asks for nothing', async () => {
    const { page, requests, errors } = await open()
    const [headline, conditions, searched] = mmrace('check', RACE, '--bug').split('\n').map((line) => line.trim())
    const verdict = page.getByRole('status', { name: 'verdict' })
    expect(await verdict.textContent()).toContain(headline)
    expect(await verdict.textContent()).toContain(conditions)
    expect(await verdict.textContent()).toContain(searched)
    expect(requests.filter((request) => request !== url)).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  })

  test('shows the run in lanes, and the state at the step chosen', async () => {
    const { page } = await open()
    await expect(page.getByRole('columnheader').allTextContents()).resolves.toEqual(['#', 'CPU A  khugepaged', 'CPU B  gup_fast'])
    await page.getByRole('row', { name: /pmd = pmdp_get_and_clear/ }).click()
    const tree = page.getByRole('group', { name: 'page table mm0' })
    expect(await tree.getByRole('button', { name: 'pin mm0.pmd[0]: none, was table0' }).count()).toBe(1)
    expect(await page.getByRole('group', { name: 'folio page6' }).textContent()).toContain('refs1')
    await page.close()
  })

  test('takes another way where asked, runs it to its end, and comes back', async () => {
    const { page, errors } = await open()
    await page.getByRole('row', { name: /pmd = pmdp_get_and_clear/ }).click()
    await page.getByRole('button', { name: /^take .* of gup_fast/ }).click()
    await page.getByRole('status', { name: 'verdict' }).getByText(/RUN\s+\d+ steps, not at its end/).waitFor()
    await page.getByRole('button', { name: 'Run on to the end' }).click()
    await page.getByRole('status', { name: 'verdict' }).getByText(/nothing violated|VIOLATED/).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    expect(errors).toEqual([])
    await page.close()
  })

  test('takes changes of the user’s with it, for each variant', async () => {
    const change = path.join(browser.dir, 'mine.ts')
    mmrace('init', change, '--template', 'change')
    const { page, errors } = await browser.open(pathToFileURL(browser.exported(RACE, '--bug', '--change', change)).href)
    await page.getByRole('heading', { name: /HOLDS\s+in every interleaving/ }).waitFor()
    for (const [variant, verdict] of [['bug', /VIOLATED/], ['bug with mine', /HOLDS/]] as const) {
      await page.getByLabel('Variant').selectOption(variant)
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('heading', { name: verdict }).waitFor()
    }
    expect(errors).toEqual([])
    await page.close()
  })

  test('searches again in the page, with the fix', async () => {
    const { page, errors } = await open()
    await page.getByLabel('Variant').selectOption('fixed')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: /HOLDS\s+in every interleaving/ }).waitFor()
    await page.getByRole('tab', { name: 'search' }).click()
    expect(await page.getByRole('heading', { name: /functions never reached/ }).count()).toBe(1)
    expect(errors).toEqual([])
    await page.close()
  })

  test('shows what blocks a lane', async () => {
    const { page } = await open()
    await page.getByRole('row', { name: 'the start' }).click()
    const free = page.getByRole('list', { name: 'can run now' }).getByRole('button')
    expect(await free.count()).toBe(2)
    expect(await page.getByRole('list', { name: 'blocked' }).textContent()).toBe('')
    await page.close()
  })

  test('sets both kernels side by side on one schedule', async () => {
    const { page } = await open()
    await page.getByRole('tab', { name: 'compare' }).click()
    await page.getByRole('button', { name: 'Same schedule on this kernel' }).click()
    await page.getByText('first difference').first().waitFor()
    expect(await page.getByRole('list', { name: 'steps, fixed' }).getByRole('listitem').count()).toBeGreaterThan(50)
    await page.close()
  })

  test('tries orders the other way round', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: 'Try swapping', exact: true }).first().click()
    await page.getByText(/swapped: /).waitFor()
    await page.close()
  })

  test('shows the text of the model at the step', async () => {
    const { page } = await open()
    await page.getByRole('row', { name: /pmd = pmdp_get_and_clear/ }).click()
    await page.getByRole('tab', { name: 'source' }).click()
    const text = page.getByRole('list', { name: /text of src\// })
    expect(await text.locator('[aria-current=step]').textContent()).toContain('yield*')
    await page.close()
  })

  test('finds passing runs', async () => {
    const { page } = await open()
    await page.getByRole('tab', { name: 'other runs' }).click()
    await page.getByRole('button', { name: 'Find passing runs' }).click()
    await page.getByRole('button', { name: /● collapsed/ }).click()
    await page.getByRole('heading', { name: /nothing violated/ }).waitFor()
    await page.close()
  })

  test('has the run in its address', async () => {
    const { page } = await open()
    await page.getByRole('row', { name: /pmd = pmdp_get_and_clear/ }).click()
    await page.keyboard.press('y')
    await page.waitForFunction(() => location.hash.includes('run='))
    const hash = new URL(page.url()).hash
    const step = await selectedStep(page)
    await page.close()
    const again = await open(hash)
    await again.page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    await again.page.waitForFunction((step) => document.querySelector('[aria-selected=true]')?.getAttribute('data-step') === step, step)
    await again.page.close()
    const changed = await open(hash.replace(/model=\w+/, 'model=0'))
    await changed.page.getByText('the model has changed since this run was recorded').waitFor()
    await changed.page.close()
    const broken = await open(hash.replace(/run=.*/, 'run=nonsense'))
    await broken.page.getByRole('alert').getByText('the link is damaged').waitFor()
    await broken.page.close()
  })

  test('opens trace files, and says what is wrong with bad ones', async () => {
    const { page } = await open()
    const file = path.join(browser.dir, 'run.trace.json')
    mmrace('check', RACE, '--bug', '--arch', 's390', '--trace', file)
    await page.getByLabel('Open trace…').setInputFiles(file)
    await page.getByText(`${RACE}  s390`).waitFor()
    writeFileSync(file, '{"format":"mmrace-trace","version":7}')
    await page.getByLabel('Open trace…').setInputFiles(file)
    await page.getByRole('alert').getByText('run.trace.json is not a usable trace file').waitFor()
    await page.close()
  })

  test('copies the table that the command prints', async () => {
    const { page } = await open()
    await page.getByLabel('Copy as').selectOption('markdown')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
    const { readFileSync } = await import('node:fs')
    expect(`${readFileSync(await download.path(), 'utf8')}\n`).toBe(mmrace('check', RACE, '--bug', '--format', 'markdown'))
    await page.close()
  })
})
