import { parse } from 'acorn'
import type { AnyNode, Program } from 'acorn'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['plugins']>[number]

/**
 * esbuild makes `var` of every top-level `const` that it bundles. V8 knows that a `const` never changes and compiles
 * its value into the code: the tables of the parser, for one, are looked up without a check then. So what nothing in
 * the chunk assigns to is made `const` again.
 */
export const keepConstants: Plugin = {
  name: 'keep-constants',
  renderChunk: (code) => ({ code: restoreConstants(code) }),
}

/** Every top-level `var` that gets its value where it is declared, and no other anywhere, as `const`. */
export function restoreConstants(code: string): string {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true })
  const assigned = assignedNames(program)
  let restored = ''
  let done = 0
  for (const node of program.body) {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'var') continue
    const isConstant = node.declarations.every(
      ({ id, init }) => init && targetsOf(id).isDisjointFrom(assigned),
    )
    if (!isConstant) continue
    restored += `${code.slice(done, node.start)}const`
    done = node.start + 'var'.length
  }
  return restored + code.slice(done)
}

/** Names that anything is assigned to, in whatever scope: too many rather than too few. */
function assignedNames(program: Program): Set<string> {
  const names = new Set<string>()
  visit(program, (node) => {
    if (node.type === 'AssignmentExpression') targetsOf(node.left, names)
    else if (node.type === 'UpdateExpression') targetsOf(node.argument, names)
    else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') targetsOf(node.left, names)
  })
  return names
}

/** A target may be a pattern of names; a member of an object is none. */
function targetsOf(target: AnyNode, names: Set<string> = new Set()): Set<string> {
  if (target.type === 'MemberExpression') return names
  if (target.type === 'Identifier') names.add(target.name)
  for (const child of childrenOf(target)) targetsOf(child, names)
  return names
}

function visit(node: AnyNode, look: (node: AnyNode) => void): void {
  look(node)
  for (const child of childrenOf(node)) visit(child, look)
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === 'string')
}
