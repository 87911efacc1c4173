// What the functions that a race file can call take: kinds of their parameters, out of the types that the package declares. The
// command checks by it what race files pass (src/cli/arguments.ts), since those need not have been type-checked.
import ts from 'typescript'

/** They say themselves, and better, what is wrong with what they get. */
const OWN_CHECKS = new Set(['race', 'scene', 'change', 'oracle', 'violates', 'byKernel'])
/** Of what `setup` and the oracles of a race get, the methods are called by races too. */
const METHODS_OF = ['Setup', 'Watch']

const OPTIONS = {
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts'], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true,
}

/** The kinds of parameters in declaration files, by what they are imported as: { mmrace: 'dist/index.d.ts' }. */
export function argumentKinds(modules) {
  const program = ts.createProgram(Object.values(modules), OPTIONS)
  const checker = program.getTypeChecker()
  const shapes = {}
  const has = (type, flag) => (type.flags & flag) !== 0
  const isOfLibrary = (symbol) => (symbol.declarations ?? []).some((node) => program.isSourceFileDefaultLibrary(node.getSourceFile()))

  const shapeOf = (symbol, type) => {
    const name = symbol.name
    if (!shapes[name]) {
      shapes[name] = {}
      for (const property of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) shapes[name][property.name] = fieldOf(property)
    }
    return checker.getPropertiesOfType(type).length > 0 ? { shape: name } : 'object'
  }
  const fieldOf = (property) => {
    const kind = kindOf(checker.getTypeOfSymbol(property))
    return has(property, ts.SymbolFlags.Optional) ? either([kind, 'undefined']) : kind
  }

  /** A union, with nothing in it twice, and no more said than need be. */
  const either = (kinds) => {
    const flat = new Map(kinds.flatMap((kind) => kind.either ?? [kind]).map((kind) => [JSON.stringify(kind), kind]))
    if (flat.has('"any"')) return 'any'
    return flat.size === 1 ? [...flat.values()][0] : { either: [...flat.values()] }
  }

  const kindOf = (type) => {
    if (type.aliasSymbol?.name === 'Cell') return 'cell'
    if (has(type, ts.TypeFlags.Boolean)) return 'boolean'
    if (type.isUnion()) return either(type.types.map((part) => (has(part, ts.TypeFlags.BooleanLiteral) ? 'boolean' : kindOf(part))))
    if (type.isLiteral()) return { value: type.value }
    if (has(type, ts.TypeFlags.BooleanLiteral)) return { value: type.intrinsicName === 'true' }
    if (has(type, ts.TypeFlags.Number)) return 'number'
    if (has(type, ts.TypeFlags.String)) return 'string'
    if (has(type, ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return 'undefined'
    if (has(type, ts.TypeFlags.Null)) return 'null'
    if (has(type, ts.TypeFlags.TypeParameter)) return type.getConstraint() ? kindOf(type.getConstraint()) : 'any'
    if (checker.isTupleType(type)) return { tuple: checker.getTypeArguments(type).map(kindOf) }
    if (checker.isArrayType(type)) return { list: kindOf(checker.getTypeArguments(type)[0]) }
    if (type.getCallSignatures().length > 0) return 'function'
    if (!has(type, ts.TypeFlags.Object)) return 'any'
    const symbol = type.getSymbol()
    if (symbol && isOfLibrary(symbol)) return 'object'
    if (symbol?.name === 'Steps') return 'steps'
    if (symbol && has(symbol, ts.SymbolFlags.Class)) return { class: symbol.name.replace(/\$\d+$/, '') }
    if (symbol && has(symbol, ts.SymbolFlags.Interface)) return shapeOf(symbol, type)
    return 'object'
  }

  const parametersOf = ([signature, ...others]) => {
    if (!signature || others.length > 0) return undefined
    return signature.getParameters().map((symbol) => {
      const node = symbol.valueDeclaration
      const kind = kindOf(checker.getTypeOfSymbol(symbol))
      const name = symbol.name.startsWith('__') ? 'options' : symbol.name
      if (node?.dotDotDotToken) return { name, rest: kind.list ?? 'any' }
      return { name, kind: node && checker.isOptionalParameter(node) ? either([kind, 'undefined']) : kind }
    })
  }

  const exportsOf = (file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file))
    return checker.getExportsOfModule(module).map((symbol) => ({
      name: symbol.name, symbol: has(symbol, ts.SymbolFlags.Alias) ? checker.getAliasedSymbol(symbol) : symbol,
    }))
  }

  const names = {}
  const functions = {}
  const methods = {}
  for (const [module, file] of Object.entries(modules)) {
    const all = exportsOf(file)
    names[module] = all.map(({ name }) => name).toSorted()
    for (const { name, symbol } of all) {
      const parameters = has(symbol, ts.SymbolFlags.Value) && !OWN_CHECKS.has(name) ? parametersOf(checker.getTypeOfSymbol(symbol).getCallSignatures()) : undefined
      if (parameters) functions[name] = parameters
      if (!METHODS_OF.includes(name)) continue
      for (const method of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
        const taken = has(method, ts.SymbolFlags.Method) ? parametersOf(checker.getTypeOfSymbol(method).getCallSignatures()) : undefined
        if (taken) (methods[name] ??= {})[method.name] = taken
      }
    }
  }
  return { names, functions, methods, shapes }
}
