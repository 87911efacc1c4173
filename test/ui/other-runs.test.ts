import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, obstacle, selectedStep } from './browser.js'

describe.skipIf(obstacle !== undefined)('from one run to others', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await Browser.start()
  })
  afterAll(() => browser.stop())
  const open = async (name: string, ...args: string[]): Promise<Page> =>
    (await browser.open(pathToFileURL(browser.exported(name, ...args)).href)).page
  const own = (file: string): string => path.join(import.meta.dirname, file)
  const b1 = () => open('gup-fast-vs-thp-collapse', '--bug')

  test('shows a run to a state that somebody asks for', async () => {
    const page = await b1()
    await page.keyboard.press('a')
    await page.getByRole('combobox', { name: 'Show me a run where' }).waitFor()
    await page.keyboard.type('mm0.pmd[0] == none')
    await page.keyboard.press('Enter')
    await page.getByText('a run where mm0.pmd[0] == none').waitFor()
    await page.getByRole('row', { name: /pmdp_get_and_clear.*none/, selected: true }).waitFor()
    await page.getByRole('combobox', { name: 'Show me a run where' }).fill('no_such_cell == 1')
    await page.keyboard.press('Enter')
    await page.getByText('there is no cell "no_such_cell"').waitFor()
    await page.close()
  })

  test('goes from violation to violation, and back to the simplest run of one', async () => {
    const page = await b1()
    await page.keyboard.press(']')
    await page.getByRole('heading', { name: /VIOLATED\s+pinned page replaced/ }).waitFor()
    await page.keyboard.press('[')
    await page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    await page.keyboard.press('m')
    await page.getByText(/there is no simpler run|a simpler run: /).waitFor()
    await page.close()
  })

  test('tells what can still go wrong, and what was tried', async () => {
    const page = await b1()
    await page.keyboard.press('g')
    await page.keyboard.press('w')
    const steps = page.getByRole('list', { name: 'can run now' })
    await steps.getByText(/✗ can violate .*lost write/).first().waitFor()
    await page.keyboard.press('1')
    await page.getByRole('heading', { name: /^RUN/ }).waitFor()
    await page.keyboard.press('u')
    await page.keyboard.press('g')
    await steps.getByText('tried').waitFor()
    await page.close()
  })

  test('a row dragged to another place makes another run, or it is said why not', async () => {
    const page = await b1()
    const row = (name: RegExp) => page.getByRole('grid', { name: 'interleaving' }).getByRole('row', { name }).first()
    await row(/pmd = pmdp_get\(pmdp\)/).dragTo(row(/pmdp_get_and_clear/))
    await page.getByText(/moved: |cannot stand there/).waitFor()
    await row(/folio_ref_sub|ptep_get/).click()
    await page.keyboard.press(',')
    await page.getByText(/moved: |cannot stand there/).waitFor()
    await page.close()
  })

  test('a search stops when it is told to', async () => {
    const page = await open(own('many-states.ts'), '--max-states', '1000')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText(/searching… depth \d+/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('heading', { name: /NOT FOUND/ }).waitFor()
    await page.close()
  })

  test('a search that does not stop is ended, and the next one begins anew', async () => {
    const page = await open(own('endless.ts'))
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('look for a loop without yield* in the race file').waitFor()
    await page.getByRole('combobox', { name: 'Race' }).selectOption('gup-fast-vs-thp-collapse')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    await page.close()
  })

  test('draws a device that never gets its page', async () => {
    const page = await open('sva-permission-upgrade', '--bug')
    await page.getByRole('heading', { name: /VIOLATED\s+livelock/ }).waitFor()
    await page.getByText(/the last \d+ steps repeat for ever/).waitFor()
    await page.getByRole('columnheader', { name: 'device' }).waitFor()
    await page.getByRole('rowheader', { name: 'IOMMU 0' }).waitFor()
    await page.keyboard.press('k')
    expect(await selectedStep(page)).not.toBeNull()
    await page.close()
  })
})
