// Emoji by Slack's names: the ones a practice's bot is likely to use.

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", warning: "⚠️", no_entry: "⛔",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", closed_lock_with_key: "🔐", key: "🔑",
  memo: "📝", pencil: "📝", pencil2: "✏️", page_facing_up: "📄", page_with_curl: "📃", clipboard: "📋", file_folder: "📁",
  open_file_folder: "📂", card_index_dividers: "🗂️", paperclip: "📎", inbox_tray: "📥", outbox_tray: "📤", calendar: "📆", date: "📅",
  spiral_calendar_pad: "🗓️", clock1: "🕐", clock3: "🕒", alarm_clock: "⏰", stopwatch: "⏱️", arrows_counterclockwise: "🔄", repeat: "🔁",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", speech_balloon: "💬", thought_balloon: "💭", wave: "👋",
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌", pray: "🙏", clap: "👏", tada: "🎉", sparkles: "✨", star: "⭐",
  heart: "❤️", blue_heart: "💙", green_heart: "💚", smile: "😄", slightly_smiling_face: "🙂", simple_smile: "🙂", thinking_face: "🤔",
  eyes: "👀", mag: "🔍", bulb: "💡", question: "❓", grey_question: "❔", exclamation: "❗", information_source: "ℹ️", red_circle: "🔴",
  large_yellow_circle: "🟡", large_orange_circle: "🟠", large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫",
  rotating_light: "🚨", sos: "🆘", shield: "🛡️", wastebasket: "🗑️", seedling: "🌱", herb: "🌿", leaves: "🍃", gear: "⚙️", link: "🔗",
  busts_in_silhouette: "👥", bust_in_silhouette: "👤", telephone_receiver: "📞", video_camera: "📹", house: "🏠", office: "🏢", coffee: "☕",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", writing_hand: "✍️", black_nib: "✒️", scroll: "📜", bookmark: "🔖", label: "🏷️", zap: "⚡", robot_face: "🤖",
};

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
