//! Letters typed in a list, collected into the start of a name until the typing pauses.

const PAUSE = 900;

export class TypeAhead {
  #text = "";
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #find: (text: string, still: () => boolean) => Promise<void>;

  /** `find` looks for the text; `still` turns false once more has been typed. */
  constructor(find: (text: string, still: () => boolean) => Promise<void>) {
    this.#find = find;
  }

  /** Whether a space belongs to what is being typed. */
  get typing(): boolean {
    return this.#text !== "";
  }

  type(letter: string): void {
    this.#text += letter;
    this.#turn += 1;
    const turn = this.#turn;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#text = ""), PAUSE);
    void this.#find(this.#text, () => turn === this.#turn);
  }
}
