// Reads JSON that is built like the sample
// Reads standard input.
// Needs Free Pascal 3.2 or later. Strings are UTF-8.
program Sample;

{$mode delphi}{$H+}

uses
  SysUtils, Classes, fpjson, jsonparser;

type
  TTextValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TTextValueList = array of TTextValue;
  TIntegerValue = record
    HasValue: Boolean;
    Value: Int64;
  end;
  TIntegerValueList = array of TIntegerValue;
  TIntegerValueListList = array of TIntegerValueList;
  TNumberValue = record
    HasValue: Boolean;
    Value: Double;
  end;
  TBooleanValue = record
    HasValue: Boolean;
    Value: Boolean;
  end;
  TAnyValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TAnswerRow = record
    HasValue: Boolean;
    Id: TIntegerValue;
    Note: TTextValue;
  end;
  TAnswerRowList = array of TAnswerRow;
  TOwner = record
    HasValue: Boolean;
    Id: TTextValue;
    ClassValue: TAnyValue;
  end;
  TAnswer = record
    HasValue: Boolean;
    Id: TIntegerValue;
    Field2ndName: TTextValue;
    ClassValue: TBooleanValue;
    Mean: TNumberValue;
    Tags: TTextValueList;
    Grid: TIntegerValueListList;
    Owner: TOwner;
    Rows: TAnswerRowList;
    UserName: TTextValue;
    UserNameValue: TTextValue;
  end;

procedure Fail(const Message: string);
begin
  WriteLn(StdErr, Message);
  Halt(1);
end;

// Replaces escapes such as \u4f1a by their characters: Free Pascal 3.2's parser damages several in a row.
function Unescaped(const Text: string): string;
var
  At, From: Integer;
  Code: Integer;
  Units: UnicodeString;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
    if Text[At] <> '\' then
      Inc(At)
    else if (At + 5 > Length(Text)) or (Text[At + 1] <> 'u') then
      Inc(At, 2)
    else
    begin
      Units := '';
      Result := Result + Copy(Text, From, At - From);
      From := At;
      while (Copy(Text, At, 2) = '\u') and TryStrToInt('$' + Copy(Text, At + 2, 4), Code) and (Code >= 128) do
      begin
        Units := Units + WideChar(Code);
        Inc(At, 6);
        From := At;
      end;
      Result := Result + UTF8Encode(Units);
      if Units = '' then
        Inc(At, 6);
    end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function IsWhole(const Text: string): Boolean;
var
  C: Char;
begin
  Result := Text <> '';
  for C in Text do
    Result := Result and (C in ['-', '0'..'9']);
end;

// Puts integers of more than 64 bits in quotes: the parser would round them.
function Exact(const Text: string): string;
var
  At, From, Start: Integer;
  Whole: Int64;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
  begin
    Start := At;
    if Text[At] = '"' then
    begin
      Inc(At);
      while (At <= Length(Text)) and (Text[At] <> '"') do
        if Text[At] = '\' then
          Inc(At, 2)
        else
          Inc(At);
      Inc(At);
    end
    else if Text[At] in ['-', '0'..'9'] then
    begin
      while (At <= Length(Text)) and (Text[At] in ['+', '-', '.', '0'..'9', 'e', 'E']) do
        Inc(At);
      if (At - Start > 18) and IsWhole(Copy(Text, Start, At - Start)) and
        not TryStrToInt64(Copy(Text, Start, At - Start), Whole) then
      begin
        Result := Result + Copy(Text, From, Start - From) + '"' + Copy(Text, Start, At - Start) + '"';
        From := At;
      end;
    end
    else
      Inc(At);
  end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function Member(Data: TJSONData; const Name: string): TJSONData;
begin
  Result := nil;
  if Data is TJSONObject then
    Result := TJSONObject(Data).Find(Name);
end;

procedure PrintLine(const Place, Value: string);
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

// Load reads a value. One that is absent, null or of another type has no value, and Show prints nothing for it.

procedure Load(Data: TJSONData; out Value: TTextValue); overload;
begin
  Value.HasValue := (Data <> nil) and (Data.JSONType in [jtString, jtNumber, jtBoolean]);
  if Value.HasValue then
    Value.Value := Data.AsString;
end;

procedure Show(const Place: string; const Text: TTextValue); overload;
begin
  if Text.HasValue then
    PrintLine(Place, Text.Value);
end;

procedure Load(Data: TJSONData; out List: TTextValueList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TTextValueList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TIntegerValue); overload;
begin
  if (Data <> nil) and (Data.JSONType = jtString) and (Length(Data.AsString) > 18) and IsWhole(Data.AsString) then
    Fail(Data.AsString + ' does not fit in 64 bits');
  Value.HasValue := (Data <> nil) and (Data.JSONType = jtNumber);
  if Value.HasValue then
    Value.Value := Data.AsInt64;
end;

procedure Show(const Place: string; const Number: TIntegerValue); overload;
begin
  if Number.HasValue then
    PrintLine(Place, IntToStr(Number.Value));
end;

procedure Load(Data: TJSONData; out List: TIntegerValueList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TIntegerValueList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out List: TIntegerValueListList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TIntegerValueListList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TNumberValue); overload;
begin
  Value.HasValue := (Data <> nil) and (Data.JSONType = jtNumber);
  if Value.HasValue then
    Value.Value := Data.AsFloat;
end;

procedure Show(const Place: string; const Number: TNumberValue); overload;
var
  Format: TFormatSettings;
begin
  Format := DefaultFormatSettings;
  Format.DecimalSeparator := '.';
  if Number.HasValue then
    PrintLine(Place, FloatToStrF(Number.Value, ffGeneral, 15, 0, Format));
end;

procedure Load(Data: TJSONData; out Value: TBooleanValue); overload;
begin
  Value.HasValue := (Data <> nil) and (Data.JSONType = jtBoolean);
  if Value.HasValue then
    Value.Value := Data.AsBoolean;
end;

procedure Show(const Place: string; const Truth: TBooleanValue); overload;
begin
  if Truth.HasValue then
    PrintLine(Place, LowerCase(BoolToStr(Truth.Value, True)));
end;

procedure Load(Data: TJSONData; out Value: TAnyValue); overload;
begin
  Value.HasValue := (Data <> nil) and (Data.JSONType <> jtNull);
  if not Value.HasValue then
    Exit;
  if Data.JSONType in [jtObject, jtArray] then
    Value.Value := Data.AsJSON
  else if Data.JSONType = jtBoolean then
    Value.Value := LowerCase(BoolToStr(Data.AsBoolean, True))
  else
    Value.Value := Data.AsString;
end;

procedure Show(const Place: string; const Json: TAnyValue); overload;
begin
  if Json.HasValue then
    PrintLine(Place, Json.Value);
end;

procedure Load(Data: TJSONData; out Value: TAnswerRow); overload;
begin
  Value := Default(TAnswerRow);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'note'), Value.Note);
end;

procedure Show(const Place: string; const Value: TAnswerRow); overload;
begin
  Show(Place + '.id', Value.Id);
  Show(Place + '.note', Value.Note);
end;

procedure Load(Data: TJSONData; out List: TAnswerRowList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TAnswerRowList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONData; out Value: TOwner); overload;
begin
  Value := Default(TOwner);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'class'), Value.ClassValue);
end;

procedure Show(const Place: string; const Value: TOwner); overload;
begin
  Show(Place + '.id', Value.Id);
  Show(Place + '.' + 'class', Value.ClassValue);
end;

procedure Load(Data: TJSONData; out Value: TAnswer); overload;
begin
  Value := Default(TAnswer);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, '2nd-name'), Value.Field2ndName);
  Load(Member(Data, 'class'), Value.ClassValue);
  Load(Member(Data, 'mean'), Value.Mean);
  Load(Member(Data, 'tags'), Value.Tags);
  Load(Member(Data, 'grid'), Value.Grid);
  Load(Member(Data, 'owner'), Value.Owner);
  Load(Member(Data, 'rows'), Value.Rows);
  Load(Member(Data, 'userName'), Value.UserName);
  Load(Member(Data, 'user_name'), Value.UserNameValue);
end;

procedure Show(const Place: string; const Value: TAnswer); overload;
begin
  Show('id', Value.Id);
  Show('2nd-name', Value.Field2ndName);
  Show('class', Value.ClassValue);
  Show('mean', Value.Mean);
  Show('tags', Value.Tags);
  Show('grid', Value.Grid);
  Show('owner', Value.Owner);
  Show('rows', Value.Rows);
  Show('userName', Value.UserName);
  Show('user_name', Value.UserNameValue);
end;

function Parse(const Text: string): TAnswer;
var
  Data: TJSONData;
begin
  try
    Data := GetJSON(Unescaped(Exact(Text)));
  except
    on Error: Exception do
      Fail('standard input is not JSON (' + Error.Message + ')');
  end;
  Load(Data, Result);
  Data.Free;
end;

function ReadInput: string;
var
  Input: THandleStream;
  Chunk: string;
  Count: Integer;
begin
  Input := THandleStream.Create(StdInputHandle);
  Result := '';
  SetLength(Chunk, 65536);
  repeat
    Count := Input.Read(Chunk[1], Length(Chunk));
    Result := Result + Copy(Chunk, 1, Count);
  until Count <= 0;
  Input.Free;
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  Show('', Parse(ReadInput));
end.
