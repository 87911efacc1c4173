import { type Case, placeOf, type Report } from './case.js'
import { attribute, xml } from './escape.js'

/** XML for test reports: a suite for each race, a case for each verdict. What both the schema of Ant and that of Jenkins allow. */
export function junit({ version, date, cases }: Report): string {
  const races = [...new Set(cases.map(({ cell }) => cell.race))]
  const suites = races.flatMap((race, id) => suite(race, cases.filter(({ cell }) => cell.race === race), id, date, version))
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n')
}

const seconds = (cases: readonly Case[]): string => (cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(3)

function suite(race: string, cases: readonly Case[], id: number, date: Date, version: string): string[] {
  const count = (is: (one: Case) => boolean): number => cases.filter(is).length
  const counts = `tests="${cases.length}" failures="${count(({ wrong }) => wrong !== undefined)}" errors="0" skipped="${count(isSkipped)}"`
  return [
    `  <testsuite id="${id}" package="mmrace" name="${attribute(race)}" timestamp="${date.toISOString().slice(0, 19)}" hostname="localhost" ${counts} time="${seconds(cases)}">`,
    '    <properties>', `      <property name="mmrace" value="${attribute(version)}"/>`, `      <property name="file" value="${attribute(cases[0]!.file)}"/>`, '    </properties>',
    ...cases.flatMap(testcase), '    <system-out/>', '    <system-err/>', '  </testsuite>',
  ]
}

/** There is nothing to look at: the architecture has not what the race is about. */
const isSkipped = ({ cell }: Case): boolean => cell.verdict === 'absent'

function testcase(one: Case): string[] {
  const { cell, wrong, file, line } = one
  const open = `    <testcase name="${attribute(placeOf(cell))}" classname="${attribute(cell.race)}" time="${seconds([one])}"`
  if (isSkipped(one)) return [`${open}>`, '      <skipped/>', '    </testcase>']
  if (!wrong) return [`${open}/>`]
  return [`${open}>`, `      <failure type="${attribute(wrong.rule)}" message="${attribute(wrong.message)}">${xml(`${file}:${line}\n\n${wrong.text}`)}</failure>`, '    </testcase>']
}
