// What a person has chosen or typed in one message, modal or Home, in the shape of Slack's state.values.

// type → [key in the state, key of the first value in the block, what stands for nothing]
export const STATEFUL = {
  plain_text_input: ["value", "initial_value", null],
  number_input: ["value", "initial_value", null],
  email_text_input: ["value", "initial_value", null],
  url_text_input: ["value", "initial_value", null],
  static_select: ["selected_option", "initial_option", null],
  external_select: ["selected_option", "initial_option", null],
  radio_buttons: ["selected_option", "initial_option", null],
  checkboxes: ["selected_options", "initial_options", []],
  multi_static_select: ["selected_options", "initial_options", []],
  multi_external_select: ["selected_options", "initial_options", []],
  users_select: ["selected_user", "initial_user", null],
  multi_users_select: ["selected_users", "initial_users", []],
  conversations_select: ["selected_conversation", "initial_conversation", null],
  channels_select: ["selected_channel", "initial_channel", null],
  datepicker: ["selected_date", "initial_date", null],
  timepicker: ["selected_time", "initial_time", null],
};

export function elementsOf(block) {
  if (block.type === "input") return [block.element];
  if (block.type === "section") return block.accessory ? [block.accessory] : [];
  return block.type === "actions" ? block.elements ?? [] : [];
}

const orNull = (value) => (value === "" ? null : value);
const keyOf = (blockId, actionId) => `${blockId}\n${actionId}`;

export class Form {
  // `typedWins`: in a modal what was typed survives every update; in a message a changed initial value replaces the choice.
  constructor({ typedWins }) {
    this.typedWins = typedWins;
    this.local = new Map();
    this.initials = new Map();
    this.server = {};
  }

  update(blocks, server = {}) {
    this.server = server ?? {};
    const present = new Set();
    for (const block of blocks) for (const element of elementsOf(block)) {
      if (!STATEFUL[element?.type]) continue;
      const key = keyOf(block.block_id, element.action_id);
      const initial = JSON.stringify(element[STATEFUL[element.type][1]] ?? null);
      const changed = this.initials.has(key) && this.initials.get(key) !== initial;
      if (this.local.get(key)?.type !== element.type || (changed && !this.typedWins)) this.local.delete(key);
      this.initials.set(key, initial);
      present.add(key);
    }
    for (const key of [...this.local.keys()]) if (!present.has(key)) this.local.delete(key);
  }

  read(blockId, element) {
    const [key, initial, nothing] = STATEFUL[element.type];
    const typed = this.local.get(keyOf(blockId, element.action_id));
    if (typed) return typed[key];
    const known = this.server[blockId]?.[element.action_id];
    if (known && known.type === element.type && known[key] !== undefined) return known[key];
    return element[initial] ?? nothing;
  }

  write(blockId, element, value) {
    this.local.set(keyOf(blockId, element.action_id), { type: element.type, [STATEFUL[element.type][0]]: value });
  }

  // Whether something stands here that the app's last version of the form does not hold. White space does not count.
  unsaved(blocks) {
    const plain = (value) => (typeof value === "string" ? value.split(/\s+/).filter(Boolean).join(" ") : JSON.stringify(value?.value ?? value ?? null));
    return blocks.some((block) => elementsOf(block).some((element) => {
      const typed = this.local.get(keyOf(block.block_id, element?.action_id));
      if (!typed) return false;
      const [key, initial, nothing] = STATEFUL[element.type];
      return plain(typed[key] ?? "") !== plain(element[initial] ?? nothing ?? "");
    }));
  }

  values(blocks) {
    const values = {};
    for (const block of blocks) for (const element of elementsOf(block)) {
      if (!STATEFUL[element?.type]) continue;
      values[block.block_id] ??= {};
      values[block.block_id][element.action_id] = { type: element.type, [STATEFUL[element.type][0]]: orNull(this.read(block.block_id, element)) };
    }
    return values;
  }

  // The checks that Slack's own client makes before it sends a form: {block_id: reason}.
  problems(blocks) {
    const found = {};
    for (const block of blocks.filter((item) => item.type === "input")) {
      const reason = problem(block, this.read(block.block_id, block.element));
      if (reason) found[block.block_id] = reason;
    }
    return found;
  }
}

function problem(block, value) {
  const { type, min_length: least, max_length: most, min_value: low, max_value: high, is_decimal_allowed: decimal } = block.element;
  const empty = value === null || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return block.optional ? null : "Please complete this required field.";
  if (most && value.length > most) return `Please shorten this by ${value.length - most} ${value.length - most === 1 ? "character" : "characters"}.`;
  if (least && value.length < least) return `Please write at least ${least} characters.`;
  if (type !== "number_input") return null;
  const number = Number(value);
  if (Number.isNaN(number) || (!decimal && !Number.isInteger(number))) return decimal ? "Please enter a number." : "Please enter a whole number.";
  if (low !== undefined && number < Number(low)) return `Please enter ${low} or more.`;
  if (high !== undefined && number > Number(high)) return `Please enter ${high} or less.`;
  return null;
}
