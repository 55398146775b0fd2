// Sends what a person did with an element, and shows that it is under way.
import { setBusy } from "./dom.js";
import { askConfirm, toast } from "./layers.js";
import { post } from "./stream.js";

// ctx: {container, form, blocks()}: the message, modal or Home that the element is in.
export async function act(ctx, blockId, element, action, control) {
  if (control?.classList.contains("busy")) return;
  if (element.confirm && !(await askConfirm(element.confirm))) return;
  setBusy(control, true);
  const reply = await post("/client/action", {
    container: ctx.container,
    block_id: blockId,
    action_id: element.action_id,
    action: { type: element.type, ...action },
    state: { values: ctx.form.values(ctx.blocks()) },
  });
  setBusy(control, false);
  control?.classList.toggle("failed", !reply.ok);
  if (!reply.ok && !reply.shown) toast(reply.error || "We had some trouble connecting. Try again?", "error");
}

export async function suggest(ctx, blockId, element, value) {
  const reply = await post("/client/suggest", { container: ctx.container, block_id: blockId, action_id: element.action_id, value });
  if (!reply.ok) return null;
  return reply.option_groups ? reply.option_groups.map((group) => ({ label: group.label?.text ?? "", options: group.options })) : [{ label: "", options: reply.options ?? [] }];
}
