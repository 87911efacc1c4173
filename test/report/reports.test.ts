import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import type { Log } from 'sarif'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { raceTemplate } from '../../src/cli/templates/race-template.js'
import { mmrace } from '../cli/command.js'

/**
 * A folder with the published schemas: `sarif-schema-2.1.0.json` of OASIS, and `junit-*.xsd` as many as there are. They are not ours to
 * copy; without them what follows checks only what it says itself.
 */
const SCHEMAS = process.env['MMRACE_SCHEMAS'] ?? '/nowhere'

let dir: string
let run: ReturnType<typeof mmrace>
const file = (name: string): string => path.join(dir, name)
const read = (name: string): string => readFileSync(file(name), 'utf8')

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mmrace-report-'))
  writeFileSync(file('my-race.ts'), raceTemplate('my-race').replace(/violates\('O6'.*\]\)/, "violates('O6', ['arm64', 'x86-native'])").replace("  sometimes:", "  needs: ['HAVE_FAST_GUP'],\n  sometimes:"))
  const reporters = ['junit=out/junit.xml', 'sarif=out/run.sarif', 'json=out/results.json', 'html=out/page.html', 'github']
  run = mmrace(['matrix', 'my-race.ts', '--arch', 'arm64,x86-native,s390,ppc64-radix,generic-no-fast-gup', ...reporters.flatMap((one) => ['--reporter', one])], dir)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** The line of the race file on which the variant is. */
const line = (): number => read('my-race.ts').split('\n').findIndex((text) => text.includes('bug: {')) + 1

it('prints the table, and annotations of the race file', () => {
  expect(run.stderr).toBe('')
  expect(run.status).toBe(1)
  expect(run.stdout).toMatch(/s390 +holds +O5 O6 !/)
  const annotations = run.stdout.split('\n').filter((text) => text.startsWith('::'))
  expect(annotations.length).toBe(3)
  expect(annotations[1]).toMatch(new RegExp(`^::error file=my-race\\.ts,line=${line()},title=my-race%3A bug on s390%2C Linux 6\\.1::expected to hold, and violates O5 O6%0A%0AVIOLATED`))
})

describe('SARIF', () => {
  const log = (): Log => JSON.parse(read('out/run.sarif')) as Log

  it('has the line of the race, the functions of Linux, and the interleaving', () => {
    const [run] = log().runs
    expect(run!.results!.map(({ ruleId }) => ruleId)).toEqual(['not-violated', 'O5', 'O5'])
    const result = run!.results![1]!
    expect(result.locations![0]!.physicalLocation).toEqual({ artifactLocation: { uri: 'my-race.ts' }, region: { startLine: line() } })
    expect(result.relatedLocations!.map(({ logicalLocations }) => logicalLocations![0]!.fullyQualifiedName)).toEqual([
      expect.stringMatching(/^mm\/khugepaged\.c:/), expect.stringMatching(/^(mm|include\/linux)\/\w+\.[ch]:/),
    ])
    const { threadFlows } = result.codeFlows![0]!
    expect(threadFlows.map(({ id }) => id)).toEqual(['khugepaged', 'driver'])
    const orders = threadFlows.flatMap(({ locations }) => locations.map(({ executionOrder }) => executionOrder!)).toSorted((a, b) => a - b)
    expect(orders).toEqual(orders.map((_, i) => i + 1))
    expect(result.partialFingerprints).toEqual({ 'mmraceVerdict/v1': 'my-race/bug/6.1/s390/O5' })
  })

  it.skipIf(!existsSync(SCHEMAS))('is as its schema says', () => {
    const ajv = new Ajv.default({ strict: false, allErrors: true })
    addFormats.default(ajv)
    const schema = JSON.parse(readFileSync(path.join(SCHEMAS, 'sarif-schema-2.1.0.json'), 'utf8')) as Record<string, unknown>
    const validate = ajv.compile(schema)
    validate(log())
    expect(validate.errors).toBeNull()
  })
})

describe('JUnit', () => {
  it('has a suite for each race and a case for each verdict', () => {
    const xml = read('out/junit.xml')
    expect(xml).toMatch(/<testsuite id="0" package="mmrace" name="my-race" timestamp="[-\dT:]{19}" hostname="localhost" tests="10" failures="3" errors="0" skipped="2" time="[\d.]+">/)
    expect(xml).toMatch(/<testcase name="bug on arm64, Linux 6\.1" classname="my-race" time="[\d.]+"\/>/)
    expect(xml).toMatch(/<testcase name="fixed on generic-no-fast-gup, Linux 6\.1"[^>]*>\n +<skipped\/>/)
    expect(xml).toMatch(/<failure type="O5" message="expected to hold, and violates O5 O6">my-race\.ts:\d+\n\nVIOLATED[^<]*CPU A {2}khugepaged[^<]*-&gt; /)
  })

  it.skipIf(!existsSync(SCHEMAS)).each(['junit-ant.xsd', 'junit-jenkins-10.xsd'])('is as %s says', (schema) => {
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', path.join(SCHEMAS, schema), file('out/junit.xml')], { encoding: 'utf8' })
    expect(stderr).toMatch(/validates/)
    expect(status).toBe(0)
  })
})

it('writes results for programs, and a page', () => {
  const results = JSON.parse(read('out/results.json')) as { format: string; cases: { cell: { verdict: string }; wrong?: object; milliseconds: number }[] }
  expect(results).toMatchObject({ format: 'mmrace-results', version: 1 })
  expect(results.cases.length).toBe(10)
  expect(results.cases.filter(({ wrong }) => wrong).length).toBe(3)
  expect(read('out/page.html')).toMatch(/<h1>7 of 10 verdicts as the races say<\/h1>/)
})

it('writes over its own reports, and over nothing else', () => {
  expect(mmrace(['matrix', 'my-race.ts', '--arch', 's390', '--reporter', 'html=out/page.html', '--reporter', 'json'], dir)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^\{\n "format": "mmrace-results"/) as string })
  expect(read('out/page.html')).toMatch(/<h1>1 of 2/)
  expect(mmrace(['matrix', 'my-race.ts', '--reporter', 'html=my-race.ts'], dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('my-race.ts exists, and is no report of mmrace') as string })
})

it.each([
  [['--reporter', 'tap'], 'there is no reporter "tap"'],
  [['--reporter', 'junit', '--reporter', 'sarif'], 'junit and sarif both go to standard output'],
  [['--reporter', 'junit=a.xml', '--reporter', 'html=a.xml'], 'two reports go to a.xml'],
  [['--reporter', 'junit='], 'names no file'],
  [['--reporter', 'junit', '--format', 'json'], 'prints in place of the tables'],
  [['--reporter', 'junit', '--show'], 'prints in place of the tables'],
])('refuses %j', (args, message) => {
  expect(mmrace(['matrix', 'dirty-cow', ...args], dir)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) as string })
})
