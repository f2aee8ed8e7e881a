// The module that each pool's threads load.
export function add(a, b) {
  return a + b
}
/** piscina and tinypool hand over one argument. */
export function addPair([a, b]) {
  return a + b
}
