import type { Command } from 'commander'
import { checkProgram } from '../../fidelity/check_program.js'
import { Report } from '../../fidelity/report.js'
import { System } from '../../fidelity/system.js'
import { Exit } from '../exit-codes.js'
import { programsOf } from '../fidelity/program-files.js'
import type { Print } from '../print.js'

/** `mmrace fidelity`: recorded programs of system calls on the model. */
export function addFidelity(program: Command, print: Print): void {
  program.command('fidelity').description('programs of system calls on the model, compared with what a kernel did')
    .argument('<file...>', 'recorded programs, one JSON object per line; .gz, .br and .xz are unpacked')
    .action(async (files: string[]) => {
      const system = new System()
      const report = new Report()
      for (const file of files) {
        for await (const recorded of programsOf(file)) report.add(checkProgram(system, recorded, report))
      }
      for (const line of report.lines()) print(line)
      process.exitCode = report.agrees ? Exit.holds : Exit.violated
    })
}
