import { checkRace } from 'mmrace/check'
import { loadRace } from 'mmrace/node'

const race = await loadRace('gup-fast-vs-thp-collapse') // or a file: races/my-race.ts
const verdict = await checkRace(race, {
  arch: 's390',
  variant: 'bug',
  onProgress: ({ states }) => process.stderr.write(`${states} states\r`),
  signal: AbortSignal.timeout(60_000),
})

console.log(verdict.verdict, verdict.oracles, verdict.asExpected) // violated [ 'O5', 'O6' ] true
if (verdict.verdict === 'violated') console.log(verdict.report())
