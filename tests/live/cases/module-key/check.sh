# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a static key of a module is refused, with the way out
# needs: NF_TABLES
# refused: static_key_enabled()
