// What the server writes to its log. error: somebody must look; info: state changed; debug: the rest.
export interface Logger {
  error(fact: object, message: string): void
  info(fact: object, message: string): void
  debug(fact: object, message: string): void
}
