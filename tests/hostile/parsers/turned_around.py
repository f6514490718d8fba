# Looks like something else in an editor.
x = "‮"  # ⁦ }answer{ ⁩
print("done", x)
