import { concurrent } from "config";
import { nameFromText } from "dns-wire";
import * as event from "event";
import { Answer, FAILED, NOT_A_NAME } from "./answer";
import { Asked, Handler, questions, Waiting } from "./asked";
import { cacheKey, find } from "./cache";
import { Question } from "./question";

export { Answer, FAILED, FOUND, NO_DATA, NO_NAME, NOT_A_NAME } from "./answer";
export { Handler } from "./asked";

/** Looks up the records of `type` (1 is A, 28 is AAAA, 15 is MX …) of `name`: `www.example.org`, a final dot or not. */
export function lookup(name: string, type: u16, handler: Handler): void {
  const wire = nameFromText(name);
  if (wire === null) {
    event.defer(new Telling(handler, new Answer(NOT_A_NAME, name)));
    return;
  }
  const key = cacheKey(wire, type);
  const known = find(key);
  if (known !== null) {
    event.defer(new Telling(handler, known.withName(name)));
    return;
  }
  if (questions.has(key)) {
    // RFC 5452, 5: the same question twice at one time would be twice as easy to answer in another's name.
    questions.get(key).add(new Waiting(handler, name));
  } else if (questions.size >= concurrent) {
    event.defer(new Telling(handler, new Answer(FAILED, name)));
  } else {
    const asked = new Asked(key);
    asked.add(new Waiting(handler, name));
    questions.set(key, asked);
    new Question(wire, type, key, asked).ask();
  }
}

/** Tells later what is known now. */
class Telling implements event.Task {
  constructor(
    private readonly handler: Handler,
    private readonly answer: Answer,
  ) {}

  run(): void {
    this.handler.onAnswer(this.answer);
  }
}
