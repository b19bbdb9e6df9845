"""The emoji that can be had by name: common ones, each two cells wide wherever it is painted. Pure.

Those first that people react with most.
"""

from collections.abc import Iterator

_TABLE = """
👍 thumbsup +1 yes, ❤️ heart love, 😂 joy, 🎉 tada party_popper hooray, 👀 eyes,
✅ white_check_mark check done, 🙏 pray thanks, 🔥 fire, 🚀 rocket, 😄 smile, 😢 cry,
🤔 thinking, 👏 clap, 💯 100 hundred, 👎 thumbsdown -1 dislike no,
😮 open_mouth face_with_open_mouth, 😀 grinning, 😃 smiley, 😁 grin, 😆 laughing satisfied,
😅 sweat_smile, 🤣 rofl, 🙂 slightly_smiling_face, 🙃 upside_down_face, 😉 wink, 😊 blush,
😇 innocent, 🥰 smiling_with_hearts, 😍 heart_eyes, 🤩 star_struck, 😘 kissing_heart,
😋 yum face_savoring_food, 😜 winking_face_with_tongue stuck_out_tongue_winking_eye,
🤪 zany_face, 🤑 money_mouth_face, 🤗 hugs hugging_face, 🤫 shushing_face,
🤐 zipper_mouth_face, 🤨 face_with_raised_eyebrow, 😐 neutral_face,
😑 expressionless expressionless_face, 😶 no_mouth face_without_mouth, 😏 smirk smirking_face,
😒 unamused unamused_face, 🙄 roll_eyes, 😬 grimacing grimacing_face,
😌 relieved relieved_face, 😔 pensive pensive_face, 🤤 drooling_face, 😴 sleeping,
😷 mask face_with_medical_mask, 🤢 nauseated_face, 🤮 vomiting, 🤧 sneezing_face, 🥵 hot_face,
🥶 cold_face, 😵 dizzy_face, 🤯 exploding_head mind_blown, 🤠 cowboy_hat_face,
🥳 partying_face party, 😎 sunglasses cool, 🤓 nerd_face, 🧐 face_with_monocle, 😕 confused,
😟 worried worried_face, 😲 astonished astonished_face, 😳 flushed flushed_face,
🥺 pleading_face, 😭 sob, 😱 scream, 😞 disappointed, 😩 weary weary_face, 😫 tired_face,
🥱 yawning_face, 😤 triumph face_with_steam_from_nose, 😡 rage, 😠 angry,
😈 smiling_imp smiling_face_with_horns, 👿 imp angry_face_with_horns, 💀 skull dead,
💩 poop hankey, 🤡 clown_face, 👻 ghost, 👾 alien_monster space_invader, 🤖 robot,
🙈 see_no_evil see_no_evil_monkey, 🙉 hear_no_evil hear_no_evil_monkey,
🙊 speak_no_evil speak_no_evil_monkey, 👋 wave, ✋ hand raised_hand, 👌 ok_hand,
🤞 fingers_crossed, 🤘 sign_of_the_horns, 🤙 call_me_hand, 👈 point_left, 👉 point_right,
👆 point_up, 👇 point_down, ✊ fist raised_fist, 👊 punch facepunch, 🙌 raised_hands,
🤝 handshake, 💪 muscle, 🧠 brain, 👄 lips mouth, 🙅 no_good person_gesturing_no,
💁 person_tipping_hand information_desk_person, 🙋 raising_hand, 🙇 bow, 🤦 facepalm, 🤷 shrug,
💃 dancer woman_dancing, 🕺 man_dancing, 🏃 runner running, 🚶 walking person_walking, 🧙 mage,
🧟 zombie, 👥 busts_in_silhouette, 💋 kiss kiss_mark, 💖 sparkling_heart,
💗 heartpulse growing_heart, 💓 heartbeat beating_heart, 💕 two_hearts, 💔 broken_heart,
🧡 orange_heart, 💛 yellow_heart, 💚 green_heart, 💙 blue_heart, 💜 purple_heart,
🖤 black_heart, 💢 anger anger_symbol, 💥 boom collision, 💫 dizzy,
💦 sweat_drops sweat_droplets, 💨 dash dashing_away, 💣 bomb, 💬 speech_balloon,
💭 thought_balloon, 💤 zzz, 🐵 monkey_face, 🐶 dog dog_face, 🐺 wolf wolf_face, 🦊 fox_face,
🐱 cat cat_face, 🦁 lion_face, 🐯 tiger tiger_face, 🐴 horse horse_face, 🦄 unicorn,
🐘 elephant, 🐰 rabbit rabbit_face, 🐻 bear bear_face, 🐼 panda_face, 🐔 chicken, 🐧 penguin,
🦉 owl, 🐸 frog frog_face, 🐢 turtle, 🐍 snake, 🐉 dragon, 🐳 whale spouting_whale, 🐙 octopus,
🐌 snail, 🦋 butterfly, 🐛 bug, 🐝 bee honeybee, 🌸 cherry_blossom, 🌹 rose, 🌻 sunflower,
🌲 evergreen_tree, 🌳 deciduous_tree, 🌵 cactus, 🍀 four_leaf_clover, 🍇 grapes, 🍉 watermelon,
🍊 tangerine, 🍋 lemon, 🍌 banana, 🍎 apple red_apple, 🍒 cherries, 🍓 strawberry, 🍅 tomato,
🥑 avocado, 🥕 carrot, 🥜 peanuts, 🍞 bread, 🥐 croissant, 🧀 cheese_wedge, 🥓 bacon,
🍔 hamburger, 🍟 fries french_fries, 🍕 pizza, 🌭 hot_dog, 🌮 taco, 🌯 burrito, 🍳 egg cooking,
🍿 popcorn, 🍜 ramen steaming_bowl, 🍣 sushi, 🍦 icecream soft_ice_cream, 🍩 doughnut,
🍪 cookie, 🎂 birthday, 🍰 cake shortcake, 🍫 chocolate_bar, ☕ coffee,
🍵 tea teacup_without_handle, 🍷 wine_glass, 🍺 beer, 🍻 beers cheers, 🥂 clinking_glasses,
🌍 earth_africa globe, 🧭 compass, 🌋 volcano, 🏠 house, 🏰 castle european_castle, ⛺ tent,
🚂 locomotive steam_locomotive, 🚆 train2, 🚕 taxi, 🚗 car, 🚲 bike,
🚨 rotating_light police_car_light, 🚦 vertical_traffic_light, 🚧 construction, ⚓ anchor,
⛵ boat sailboat, 🛸 flying_saucer, ⌛ hourglass hourglass_done, ⏳ hourglass_flowing_sand,
⏰ alarm_clock, 🌙 moon, 🌞 sun, ⭐ star, 🌟 star2 glowing_star, 🌠 stars shooting_star,
🌈 rainbow, ☔ umbrella_with_rain_drops, ⚡ zap lightning, ⛄ snowman_without_snow, 💧 droplet,
🌊 ocean water_wave, 🎃 jack_o_lantern, 🎄 christmas_tree, 🧨 firecracker, ✨ sparkles,
🎈 balloon, 🎊 confetti_ball, 🎁 gift wrapped_gift, 🏆 trophy, 🥇 1st_place_medal,
🥈 2nd_place_medal, 🥉 3rd_place_medal, ⚽ soccer soccer_ball, 🏀 basketball, 🎾 tennis,
🥊 boxing_glove, 🎯 dart bullseye, 🎮 video_game, 🎲 game_die, 🧩 jigsaw,
🎨 art artist_palette, 🧵 thread, 👑 crown, 🎓 mortar_board graduation_cap, 💍 ring,
💎 gem gem_stone, 🔊 loud_sound speaker_high_volume, 📣 mega megaphone, 🔔 bell, 🔕 no_bell,
🎵 musical_note, 🎶 notes musical_notes, 🎤 microphone, 🎧 headphone headphones, 🎸 guitar,
📞 telephone_receiver, 🔋 battery, 💻 laptop computer, 💾 floppy_disk save, 📷 camera,
📺 tv television, 🔍 mag search, 💡 bulb idea, 📚 books, 📝 memo pencil, 💰 moneybag money_bag,
📧 e_mail, 📦 package, 📅 date, 📈 chart_with_upwards_trend up,
📉 chart_with_downwards_trend down, 📊 bar_chart, 📋 clipboard, 📌 pushpin, 📎 paperclip,
🔒 lock, 🔓 unlock unlocked, 🔑 key, 🔨 hammer, 🔧 wrench, 🧰 toolbox, 🧪 test_tube,
🔬 microscope, 🔭 telescope, 💊 pill, 🚪 door, 🛒 shopping_cart, ⛔ no_entry,
🚫 no_entry_sign prohibited, 🔄 arrows_counterclockwise, 🔙 back back_arrow, 🔚 end end_arrow,
🔜 soon soon_arrow, 🔝 top top_arrow, 🔁 repeat repeat_button, 🆗 ok ok_button, 🆘 sos,
❌ x cross, ➕ heavy_plus_sign, ➖ heavy_minus_sign, ❓ question, ❗ exclamation,
⭕ o heavy_large_circle, 🔴 red_circle, 🟠 orange_circle, 🟡 yellow_circle, 🟢 green_circle,
🔵 blue_circle large_blue_circle, 🟣 purple_circle, ⚫ black_circle, ⚪ white_circle,
🏁 chequered_flag checkered_flag, 🚩 triangular_flag triangular_flag_on_post
"""


def named() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each emoji with its names, none of which another has."""
    for entry in _TABLE.replace("\n", " ").split(","):
        emoji, *names = entry.split()
        yield emoji, tuple(names)
