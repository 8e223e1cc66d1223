import { Answer } from "./answer";

/** What is told of a look-up of records. */
export interface Handler {
  /** The outcome, one of those above. Told once, never before `lookup` has returned. */
  onAnswer(answer: Answer): void;
}

/** Who waits for an answer, and by which name. */
export class Waiting {
  constructor(
    readonly handler: Handler,
    readonly name: string,
  ) {}
}

/** A question that is under way, and all who wait for it. */
export class Asked {
  private readonly waiting: Waiting[] = [];

  constructor(private readonly key: string) {}

  add(waiting: Waiting): void {
    this.waiting.push(waiting);
  }

  tell(answer: Answer): void {
    questions.delete(this.key);
    for (let index = 0; index < this.waiting.length; index++) {
      const waiting = this.waiting[index];
      waiting.handler.onAnswer(answer.withName(waiting.name));
    }
  }
}

/** Questions under way, by their cache keys. */
export const questions: Map<string, Asked> = new Map<string, Asked>();
