import { checkMatrix } from 'mmrace/check'
import race from 'mmrace/races/gup-fast-vs-thp-collapse'

const matrix = await checkMatrix([race], {
  archs: ['arm64', 'x86-native'],
  kernels: ['6.1', '7.3'],
  variants: ['fixed', 'bug'],
  onCell: ({ variant, arch, kernel, verdict }, done, of) => console.log(`${done} of ${of}`, variant, arch, kernel, verdict),
})

console.log(matrix.report())
process.exitCode = matrix.asExpected ? 0 : 1
