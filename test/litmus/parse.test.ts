import { expect, test } from 'vitest'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'

const wrap = (body: string): string => `C t\n{}\nP0(int *x)\n{\n${body}\n}\nexists (x=1)\n`

test('comments: litmus ones outside of threads, C ones everywhere', () => {
  const parsed = parseLitmus(`C a-name
(* one (* nested *) *)
"a description"
{ int x = 1; (* initial *) y = &x; 0:r1 = x; }
P0(int *x) /* between */
{
	int r2; // a register
	r2 = READ_ONCE(*x); /* a read */
}
locations [x; 0:r2;]
exists (~0:r2=1 \\/ (* either *) x=y)
`)
  expect(parsed.name).toBe('a-name')
  expect([...parsed.locations]).toEqual([['x', { kind: 'number', value: 1 }], ['y', { kind: 'address', name: 'x' }]])
  expect([...parsed.registers]).toEqual([['0:r1', { kind: 'address', name: 'x' }]])
  expect(parsed.threads[0]!.body.map(({ text, line }) => [text, line])).toEqual([['r2 = READ_ONCE(*x)', 8]])
  expect(parsed.conditionText).toBe('(~0:r2=1 \\/ x=y)')
})

test('casts are dropped and a pointer is dereferenced once', () => {
  const { body } = parseLitmus(wrap('int r1 = (int)rcu_dereference(*(int **)x);')).threads[0]!
  expect(body[0]!.action).toEqual({
    kind: 'assign', name: 'r1', value: { kind: 'load', order: 'once', at: { kind: 'name', name: 'x' } },
  })
})

test.each([
  ['no header', '{}', /line 1: not a C litmus test/],
  ['an unknown macro', wrap('frob(x);'), /line 5: frob\(\) is not a macro of linux-kernel.def/],
  ['too few arguments', wrap('WRITE_ONCE(*x);'), /line 5: WRITE_ONCE\(\) takes 2 arguments, not 1/],
  ['a name that is not declared', wrap('WRITE_ONCE(*y, 1);'), /line 5: P0 does not declare "y"/],
  ['the same in a branch', wrap('if (READ_ONCE(*x)) {\n\tWRITE_ONCE(*x, r1);\n}'), /line 6: P0 does not declare "r1"/],
  ['the same as a value', wrap('int r1 = cmpxchg(x, r2, 1);'), /line 5: P0 does not declare "r2"/],
  ['a location that there is not', wrap('').replace('x=1', 'y=1'), /line 7: there is no location "y"/],
  ['a variable that there is not', wrap('int r1 = 0;').replace('x=1', '0:r2=1'), /line 7: P0 has no variable "r2"/],
  ['a thread that there is not', wrap('').replace('x=1', '1:r1=1'), /line 7: there is no thread P1/],
  ['a variable of no thread', wrap('').replace('{}', '{ 3:r1=x; }'), /there is no thread P3/],
  ['a void macro as a value', wrap('int r1 = smp_mb();'), /has no value/],
  ['a missing semicolon', wrap('smp_mb()'), /line 6: expected ;/],
  ['a comment that does not end', 'C t\n(* {}', /comment does not end/],
])('%s is refused with its line', (_, source, message) => {
  expect(() => parseLitmus(source)).toThrow(message)
})

test('a hint says what was probably meant', () => {
  expect(() => parseLitmus(wrap('WRITE_ONCES(*x, 1);'))).toThrow(expect.objectContaining({ hint: 'did you mean "WRITE_ONCE"?' }))
  expect(() => parseLitmus(wrap('WRITE_ONCE(*xx, 1);'))).toThrow(expect.objectContaining({ hint: 'did you mean "x"?' }))
})

test('a value may be thrown away', () => {
  const [statement] = parseLitmus(wrap('(void)READ_ONCE(*x);')).threads[0]!.body
  expect(statement!.action).toMatchObject({ kind: 'evaluate', value: { kind: 'load', order: 'once' } })
})
