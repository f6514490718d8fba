import time

print("hello 小明")
time.sleep(1)
print("子进程")
print("主程序")
