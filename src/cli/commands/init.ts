import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import type { Print } from '../print.js'
import { changeTemplate } from '../templates/change-template.js'
import { driverTemplate } from '../templates/driver-template.js'
import { raceTemplate } from '../templates/race-template.js'

const typed = (file: string): [string, string] => [`check ${file} --types`, 'are its types right? where TypeScript is installed']

/** What can be written, and how one goes on with it. */
const TEMPLATES = {
  race: {
    text: raceTemplate,
    next: (file: string) => [[`check ${file}`, 'does it hold?'], [`check ${file} --bug`, 'and without the fix?'], typed(file)],
  },
  driver: {
    text: driverTemplate,
    next: (file: string) => [[`check ${file}`, 'is it alone with its page?'], [`check ${file} --bug`, 'and without its lock?'], typed(file)],
  },
  change: {
    text: changeTemplate,
    next: (file: string) => [
      [`check gup-fast-vs-thp-collapse --bug --change ${file}`, 'does it close the race?'], [`matrix --all --change ${file}`, 'does it break another?'],
    ],
  },
} as const

type Template = keyof typeof TEMPLATES

/** `mmrace init`: writes a race, a driver or a change that runs, to change into one's own. */
export function addInit(program: Command, print: Print): void {
  program.command('init').description('write a race, a driver or a change of your own to start from')
    .argument('[file]', 'where to (default my-race.ts, my-driver.ts, my-change.ts)')
    .addOption(new Option('--template <kind>', 'what').choices(Object.keys(TEMPLATES)).default('race'))
    .action((given: string | undefined, { template }: { template: Template }) => {
      const file = given ?? `my-${template}.ts`
      const name = path.basename(file).replace(/\.ts$/, '')
      if (!file.endsWith('.ts') || !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
        throw new UserError('bad-name', `${file} is not a usable file name`, `use small letters, digits and dashes, and .ts: my-${template}.ts`)
      }
      if (existsSync(file)) throw new UserError('exists', `${file} exists already`, 'choose another name')
      const { text, next } = TEMPLATES[template]
      writeFileSync(file, text(name))
      const lines = next(file).map(([command, question]) => [`  mmrace ${command}`, question] as const)
      const width = Math.max(...lines.map(([command]) => command.length))
      print([`wrote ${file}`, ...lines.map(([command, question]) => `${command.padEnd(width)}   ${question}`)].join('\n'))
    })
}
