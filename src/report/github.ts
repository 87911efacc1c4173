import { placeOf, type Report } from './case.js'

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Commands of a GitHub workflow: an annotation of the race file for each verdict that is not as the race says. */
export const github = ({ cases }: Report): string => cases.flatMap(({ cell, wrong, file, line }) => (wrong
  ? [`::${wrong.rule === 'incomplete' ? 'warning' : 'error'} file=${property(file)},line=${line},title=${property(`${cell.race}: ${placeOf(cell)}`)}::${data(`${wrong.message}\n\n${wrong.text}`)}\n`]
  : [])).join('')
