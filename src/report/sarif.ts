import type { Location, Log, ReportingDescriptor, Result, ThreadFlow } from 'sarif'
import { nameOfOracle } from '../oracles/names.js'
import { type Case, placeOf, type PlacedStep, type Report, RULES, type Wrong } from './case.js'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/**
 * SARIF 2.1.0: a result for each verdict that is not as the race says. It is at the line of the race file that says so; related
 * to it are the kernel functions of the run's last steps; the interleaving is its code flow, a thread flow for each CPU.
 */
export function sarif({ version, cases }: Report): string {
  const wrong = cases.filter((one): one is Case & { wrong: Wrong } => one.wrong !== undefined)
  const rules = [...new Set(wrong.map((one) => one.wrong.rule))].toSorted()
  const log: Log = {
    $schema: SCHEMA, version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'mmrace', version, rules: rules.map(ruleOf) } },
      // Paths of the model and of Linux are within those, wherever a reader has them.
      originalUriBaseIds: { LINUX: { description: { text: 'the source tree of Linux' } }, MMRACE: { description: { text: 'the sources of mmrace' } } },
      columnKind: 'utf16CodeUnits',
      results: wrong.map((one) => resultOf(one, rules)),
    }],
  }
  return `${JSON.stringify(log, undefined, 1)}\n`
}

function ruleOf(id: string): ReportingDescriptor {
  const text = Object.hasOwn(RULES, id) ? RULES[id as keyof typeof RULES] : nameOfOracle(id) ?? id
  return { id, shortDescription: { text }, defaultConfiguration: { level: id === 'incomplete' ? 'warning' : 'error' } }
}

function resultOf({ cell, wrong, file, line }: Case & { wrong: Wrong }, rules: readonly string[]): Result {
  return {
    ruleId: wrong.rule, ruleIndex: rules.indexOf(wrong.rule), kind: wrong.rule === 'incomplete' ? 'open' : 'fail', level: wrong.rule === 'incomplete' ? 'none' : 'error',
    message: { text: `${cell.race}: ${wrong.message} (${placeOf(cell)})\n\n${wrong.text}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } } }],
    ...(wrong.steps.length > 0 && { relatedLocations: related(wrong), codeFlows: [{ message: { text: 'the interleaving' }, threadFlows: flows(wrong) }] }),
    partialFingerprints: { 'mmraceVerdict/v1': `${cell.race}/${cell.variant}/${cell.kernel}/${cell.arch}/${wrong.rule}` },
  }
}

const uriOf = (file: string): string => file.split(/[\\/]/).map(encodeURIComponent).join('/')

/** The kernel function where each CPU is at the end of the run. */
function related({ lanes, steps }: Wrong): Location[] {
  return lanes.flatMap((lane, i) => {
    const last = steps.findLast((step) => step.lane === i && step.kernelFile !== undefined)
    return last ? [{ ...locationOf(last), id: i + 1, message: { text: `CPU ${lane}: ${last.label}` } }] : []
  })
}

function flows({ lanes, steps }: Wrong): ThreadFlow[] {
  return lanes.flatMap((lane, i) => {
    const own = steps.flatMap((step, at) => (step.lane === i ? [{ location: { ...locationOf(step), message: { text: step.label } }, executionOrder: at + 1 }] : []))
    return own.length > 0 ? [{ id: lane, message: { text: `CPU ${lane}` }, locations: own }] : []
  })
}

/** The file of Linux if it is known, the place in the model otherwise; and the function. */
function locationOf({ fn, kernelFile, source }: PlacedStep): Location {
  const [, file, line] = /^(.*):(\d+)$/.exec(source ?? '') ?? []
  return {
    ...(kernelFile !== undefined ? { physicalLocation: { artifactLocation: { uri: kernelFile, uriBaseId: 'LINUX' } } }
      : file !== undefined ? { physicalLocation: { artifactLocation: { uri: uriOf(file), ...(file.startsWith('src/') && { uriBaseId: 'MMRACE' }) }, region: { startLine: Number(line) } } } : {}),
    ...(fn !== undefined && { logicalLocations: [{ name: fn, kind: 'function', ...(kernelFile !== undefined && { fullyQualifiedName: `${kernelFile}:${fn}` }) }] }),
    ...(source !== undefined && { properties: { model: source } }),
  }
}
