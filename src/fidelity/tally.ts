/** How often the model agreed and differed. */
export interface Count {
  agree: number
  differ: number
}

type Counts = Map<string, Count>

const countOf = (counts: Counts, name: string): Count => {
  let count = counts.get(name)
  if (!count) counts.set(name, count = { agree: 0, differ: 0 })
  return count
}

const merge = (into: Counts, from: Counts): void => {
  for (const [name, { agree, differ }] of from) {
    const count = countOf(into, name)
    count.agree += agree
    count.differ += differ
  }
}

/** Agreement per operation and per observed field. */
export class Tally {
  readonly operations: Counts = new Map()
  readonly fields: Counts = new Map()

  operation(name: string, agrees: boolean): void {
    countOf(this.operations, name)[agrees ? 'agree' : 'differ']++
  }

  value(field: string, agrees: boolean): void {
    countOf(this.fields, field)[agrees ? 'agree' : 'differ']++
  }

  add({ operations, fields }: Tally): void {
    merge(this.operations, operations)
    merge(this.fields, fields)
  }
}
