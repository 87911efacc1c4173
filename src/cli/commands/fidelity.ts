import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { kernelNamed } from '../../race/asked.js'
import { compileLess } from '../compile-less.js'
import { KERNEL_HELP } from '../conditions.js'
import { Exit } from '../exit-codes.js'
import type { Print } from '../print.js'

/** `mmrace fidelity`: recorded programs of system calls on the model. */
export function addFidelity(program: Command, print: Print): void {
  program.command('fidelity').description('programs of system calls on the model, compared with what a kernel did')
    .argument('<file...>', 'recorded programs, one JSON object per line; .gz, .br and .xz are unpacked')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--arch <name>', 'the machine they were recorded on, or a profile (default x86-native)')
    .action(async (files: string[], flags: { kernel?: string; arch?: string }) => {
      const kernel = kernelNamed(flags.kernel)
      compileLess()
      const { checkProgram } = await import('../../fidelity/check_program.js')
      const { Report } = await import('../../fidelity/report.js')
      const { System } = await import('../../fidelity/system.js')
      const { programsOf } = await import('../fidelity/program-files.js')
      const system = new System(undefined, kernel, flags.arch)
      const report = new Report()
      for (const file of files) {
        const before = report.programs
        for await (const recorded of programsOf(file, system.region)) report.add(checkProgram(system, recorded, report.tally))
        if (report.programs === before) throw new UserError('no-programs', `${file} holds no programs`, 'a file has one recorded program per line')
      }
      for (const line of report.lines()) print(line)
      process.exitCode = report.agrees ? Exit.holds : Exit.violated
    })
}
